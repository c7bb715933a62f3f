//! The table of figures: medians with their spread, ratios, targets and verdicts.

use std::fmt::Write as _;

/// What is measured several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample(Vec<f64>);

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At most so many times the least.
    Times(f64),
    /// At least so many times what is bare.
    Share(f64),
    /// At most so much.
    Most(f64),
    /// Shown for comparison.
    None,
}

/// One figure.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What it is, with its unit.
    pub(crate) figure: String,
    /// The least that could be done.
    pub(crate) least: Sample,
    /// What the product does.
    pub(crate) product: Sample,
    /// What it should be.
    pub(crate) target: Target,
}

impl Sample {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_unstable_by(f64::total_cmp);
    }

    fn median(&self) -> Option<f64> {
        let (low, high) = (self.0.get(self.0.len().checked_sub(1)? / 2)?, self.0.get(self.0.len() / 2)?);
        Some(f64::midpoint(*low, *high))
    }

    fn show(&self) -> String {
        let (Some(median), Some(least), Some(most)) = (self.median(), self.0.first(), self.0.last()) else {
            return "-".to_owned();
        };
        if self.0.len() == 1 {
            short(median)
        } else {
            format!("{} ({} - {})", short(median), short(*least), short(*most))
        }
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        Some(self.product.median()? / self.least.median()?)
    }

    fn met(&self) -> Option<bool> {
        match self.target {
            Target::Times(most) => self.ratio().map(|ratio| ratio <= most),
            Target::Share(least) => self.ratio().map(|ratio| ratio >= least),
            Target::Most(most) => self.product.median().map(|value| value <= most),
            Target::None => None,
        }
    }

    fn show(&self) -> String {
        let target = match self.target {
            Target::Times(most) => format!("<= {most}x"),
            Target::Share(least) => format!(">= {least}x"),
            Target::Most(most) => format!("<= {most}"),
            Target::None => String::new(),
        };
        let verdict = match self.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        let ratio = self.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}x"));
        let (least, product) = (self.least.show(), self.product.show());
        format!("| {} | {least} | {product} | {ratio} | {target} | {verdict} |", self.figure)
    }
}

/// The table as Markdown.
pub(crate) fn show(rows: &[Row]) -> String {
    let mut text = "| figure | least | product | ratio | target | verdict |\n|---|---|---|---|---|---|\n".to_owned();
    for row in rows {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", row.show());
    }
    text
}

fn short(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_the_median_of_its_rounds() {
        let sample = |values: [f64; 3]| {
            values.into_iter().fold(Sample::default(), |mut sample, value| {
                sample.add(value);
                sample
            })
        };
        let (least, product) = (sample([1.0, 9.0, 2.0]), sample([3.0, 3.5, 90.0]));
        let row = Row { figure: "x".to_owned(), least, product, target: Target::Times(2.0) };
        assert_eq!((row.ratio(), row.met()), (Some(1.75), Some(true)));
    }
}
