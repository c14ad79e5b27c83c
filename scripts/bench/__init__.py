"""Measuring: `scripts/bench/run`. What each line means stands in docs/performance.md."""
