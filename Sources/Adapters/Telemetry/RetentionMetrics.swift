// SPDX-License-Identifier: Apache-2.0

/// The numbers of a node that keeps squares: what it dropped, read again, and has room for.
///
/// Specified in Protocol/19-observability.md#metrics.
package struct RetentionMetrics: Sendable {
    /// Squares removed after the storage window.
    package let pruned: Counter
    /// Stored squares read again and found intact.
    package let intact: Counter
    /// Stored squares read again and found damaged.
    package let rotten: Counter
    /// The height that was read again last.
    package let scrubbedHeight: Gauge
    /// 1 while there is no room for more squares.
    package let diskFull: Gauge
    /// Squares within the window that are not held yet.
    package let missing: Gauge

    init(_ all: MetricRegistry) {
        pruned = all.counter(
            "quadrat_squares_pruned_total", "Squares removed after the storage window.")
        intact = all.counter(
            "quadrat_squares_scrubbed_total", "Stored squares read again and found intact.")
        rotten = all.counter(
            "quadrat_squares_rotten_total", "Stored squares read again and found damaged.")
        scrubbedHeight = all.gauge(
            "quadrat_scrubbed_height", "The height that was read again last.")
        diskFull = all.gauge("quadrat_disk_full", "1 while there is no room for more squares.")
        missing = all.gauge(
            "quadrat_squares_missing", "Squares within the window that are not held yet.")
    }
}
