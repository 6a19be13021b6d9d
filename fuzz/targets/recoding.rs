#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| framer_tests::targets::recoding(data));
