/** Where MNIST can be fetched from when the visitor asks for it; the first that answers and passes the checksum wins. */
export const MNIST_MIRRORS: readonly string[] = [
  'https://raw.githubusercontent.com/fgnt/mnist/master/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
];
