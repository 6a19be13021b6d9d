//! framer's generated code beside its peers and beside what is written by hand, in one run.
//!
//! Every work is done by all of its cases on the same input, in rounds whose order is shuffled; what
//! is said of them are medians of the ratios within a round, since times differ from one machine and
//! one moment to the next. Each case gives the same frames to the same consumer, which is asserted.

pub mod harness;
mod inputs;
pub mod report;
pub mod scale;
pub mod works;
