// Vite's bundle of dependencies would lose the package's .wasm file.
export default { optimizeDeps: { exclude: ['latent-canvas'] } };
