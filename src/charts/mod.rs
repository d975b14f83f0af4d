//! Charts: pure scales, ticks and rings, and the canvas and SVG views of them.
