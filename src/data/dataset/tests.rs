use super::*;

fn ramp(count: usize) -> Dataset {
    let grey = (0..count * PIXELS).map(|i| (i % 256) as u8).collect();
    Dataset::from_grey(grey, None).unwrap()
}

#[test]
fn counts_that_differ_are_refused() {
    let error = Dataset::from_grey(vec![0; 2 * PIXELS], Some(vec![Some(1)])).unwrap_err();
    assert_eq!(error.to_string(), "there are 2 images but 1 labels");
    let error = Dataset::from_grey(vec![0; PIXELS], Some(vec![Some(10)])).unwrap_err();
    assert!(error.to_string().contains("0 to 9; got 10"));
    assert!(Dataset::from_grey(vec![], None).is_err());
    assert!(Dataset::from_grey(vec![0; PIXELS + 1], None).is_err());
    assert!(ramp(3).images(2, 2).is_err());
    assert!(ramp(3).labels(usize::MAX, 2).is_err());
}

#[test]
fn concatenation_keeps_images_and_labels() {
    let labelled = Dataset::from_grey(vec![255; PIXELS], Some(vec![Some(4)])).unwrap();
    let both = Dataset::concatenate(&ramp(2), &labelled);
    assert_eq!(both.len(), 3);
    assert_eq!(both.labels(0, 3).unwrap(), &[None, None, Some(4)]);
    assert_eq!(both.images(2, 1).unwrap(), vec![1.0; PIXELS]);
}

#[test]
fn transposing_exchanges_rows_and_columns() {
    let mut grey = vec![0; 2 * PIXELS];
    grey[PIXELS + 3 * SIDE + 20] = 255;
    let data = Dataset::from_grey(grey, Some(vec![Some(1), Some(2)])).unwrap();
    let turned = data.transposed();
    let ink = |data: &Dataset| data.images(0, 2).unwrap().iter().position(|p| *p > 0.0);
    assert_eq!(ink(&turned), Some(PIXELS + 20 * SIDE + 3));
    assert_eq!(turned.labels(0, 2).unwrap(), data.labels(0, 2).unwrap());
    assert_eq!(ink(&turned.transposed()), ink(&data));
}

#[test]
fn a_tenth_is_set_aside_but_never_the_only_image() {
    for (count, expected) in [
        (1, (1, 1)),
        (2, (1, 1)),
        (41, (36, 5)),
        (20_000, (19_000, 1000)),
    ] {
        let (train, held_out) = ramp(count).set_aside();
        assert_eq!((train.len(), held_out.len()), expected);
    }
    let strokes = Dataset::strokes(20, 1).unwrap();
    let (train, held_out) = strokes.set_aside();
    assert_eq!(train.images(0, 18).unwrap(), strokes.images(0, 18).unwrap());
    assert_eq!(
        held_out.images(0, 2).unwrap(),
        strokes.images(18, 2).unwrap()
    );
    assert_eq!(
        held_out.labels(0, 2).unwrap(),
        strokes.labels(18, 2).unwrap()
    );
}

#[test]
fn a_name_is_kept_while_it_is_true() {
    let strokes = Dataset::strokes(20, 1).unwrap();
    assert_eq!(strokes.truncated(3).name(), "stroke digits");
    assert_eq!(strokes.set_aside().1.name(), "stroke digits");
    assert_eq!(strokes.transposed().name(), "stroke digits, transposed");
    assert_eq!(ramp(2).name(), UNKNOWN_NAME);
    let both = Dataset::concatenate(&strokes, &ramp(2));
    assert_eq!(both.name(), "stroke digits and other images");
    assert_eq!(
        Dataset::concatenate(&ramp(2), &strokes).name(),
        UNKNOWN_NAME
    );
}

#[test]
fn endless_digits_depend_on_the_number_of_renewals_alone() {
    let first = Dataset::endless_strokes(20, 3).unwrap();
    assert_eq!(first.grey, Dataset::strokes(20, 3).unwrap().grey);
    let never = |_: usize| false;
    let at = |stops: &[u64]| {
        let mut data = first.clone();
        stops
            .windows(2)
            .for_each(|stop| data.renew(stop[0], stop[1], never).unwrap());
        data
    };
    let straight = at(&[0, 47]);
    assert_eq!(straight.grey, at(&[0, 1, 13, 20, 21, 47]).grey);
    assert_eq!(straight.grey, at(&[0, 90, 33, 47]).grey);
    assert_eq!(first.grey, at(&[0, 31, 0]).grey);
    // After 47 of them, places 0 to 6 have had three digits, the others two.
    for (place, index) in [(0, 60), (6, 66), (7, 47), (19, 59)] {
        let label = first.labels[place].unwrap();
        let digit = synth::digit_of(3, index, label).unwrap();
        let pixels = digit.pixels().unwrap();
        let grey = straight.images(place, 1).unwrap();
        assert!(
            grey.iter().zip(pixels).all(|(g, p)| (g - p).abs() < 2e-3),
            "{place}"
        );
    }
    assert_eq!(straight.labels, first.labels);
}

#[test]
fn lasting_digits_and_added_drawings_stay() {
    let drawings = ramp(2);
    let digits = Dataset::endless_strokes(6, 3).unwrap();
    let mut data = Dataset::concatenate(&digits, &drawings);
    let before = data.clone();
    data.renew(0, 600, |place| place == 4).unwrap();
    let changed: Vec<bool> = data
        .grey
        .chunks(PIXELS)
        .zip(before.grey.chunks(PIXELS))
        .map(|(now, then)| now != then)
        .collect();
    let expected = [true, true, true, true, false, true, false, false];
    assert_eq!(changed, expected);
    let mut fixed = Dataset::strokes(6, 3).unwrap();
    fixed.renew(0, 600, |_| false).unwrap();
    assert_eq!(fixed.grey, digits.grey);
}

#[test]
fn an_epoch_shows_every_image_once_in_an_order_of_its_own() {
    let rng = Rng::from_seed(5);
    let data = ramp(50);
    let first = data.epoch_order(&rng, 0);
    assert_eq!(first, data.epoch_order(&rng, 0));
    assert_ne!(first, data.epoch_order(&rng, 1));
    let mut sorted = first;
    sorted.sort_unstable();
    assert_eq!(sorted, (0..50).collect::<Vec<_>>());
}

#[test]
fn static_bits_stay_and_dynamic_bits_change() {
    let rng = Rng::from_seed(5);
    let data = ramp(4);
    let show = |binarization, step| data.batch(&[1, 3], binarization, &rng, step);
    assert_eq!(show(Binarization::Static, 0), show(Binarization::Static, 9));
    assert_eq!(
        show(Binarization::Dynamic, 4),
        show(Binarization::Dynamic, 4)
    );
    assert_ne!(
        show(Binarization::Dynamic, 4),
        show(Binarization::Dynamic, 5)
    );
    assert_eq!(
        show(Binarization::Grey, 0)[1],
        data.images(1, 1).unwrap()[1]
    );
}

/// 4,000 showings of each grey level; five standard errors: false alarms below 2e-4 in all.
#[test]
fn a_pixel_is_ink_as_often_as_it_is_grey() {
    let rng = Rng::from_seed(8);
    let data = ramp(1);
    let showings = 4000;
    let mut counts = vec![0.0; PIXELS];
    for step in 0..showings {
        let x = data.batch(&[0], Binarization::Dynamic, &rng, step);
        counts
            .iter_mut()
            .zip(x)
            .for_each(|(count, bit)| *count += bit);
    }
    for (j, count) in counts.iter().enumerate() {
        let p = (j % 256) as f32 / 255.0;
        let error = 5.0 * (p * (1.0 - p) / showings as f32).sqrt();
        assert!(
            (count / showings as f32 - p).abs() <= error,
            "grey {}",
            j % 256
        );
    }
}
