// SPDX-License-Identifier: Apache-2.0

import Machinery
import Telemetry
import Testing

@Suite struct MetricTests {
    /// The whole text of a registry, byte for byte, by name in order.
    @Test func prometheusText() {
        let registry = MetricRegistry()
        let served = registry.counter(
            "quadrat_shares_served_total", "Shares served.", labels: [("kind", "a\"b\\c\nd")])
        let head = registry.gauge("quadrat_head_height", "Height of the head.\nIn blocks.")
        let put = registry.histogram(
            "quadrat_put_seconds", "Time to store.", Histogram(bounds: [100, 2500], decimals: 6))
        _ = registry.counter(
            "quadrat_shares_served_total", "Shares served.", labels: [("kind", "row")])
        served.add(3)
        served.add()
        head.set(-1)
        head.set(42)
        for microseconds: UInt64 in [100, 101, 2500, 2501, 3_000_000] { put.observe(microseconds) }
        #expect(
            String(decoding: PrometheusText.render(registry), as: UTF8.self) == """
                # HELP quadrat_head_height Height of the head.\\nIn blocks.
                # TYPE quadrat_head_height gauge
                quadrat_head_height 42
                # HELP quadrat_put_seconds Time to store.
                # TYPE quadrat_put_seconds histogram
                quadrat_put_seconds_bucket{le="0.0001"} 1
                quadrat_put_seconds_bucket{le="0.0025"} 3
                quadrat_put_seconds_bucket{le="+Inf"} 5
                quadrat_put_seconds_sum 3.005202
                quadrat_put_seconds_count 5
                # HELP quadrat_shares_served_total Shares served.
                # TYPE quadrat_shares_served_total counter
                quadrat_shares_served_total{kind="a\\"b\\\\c\\nd"} 4
                quadrat_shares_served_total{kind="row"} 0

                """)
    }

    /// Every bound counts itself and what is below it.
    @Test func histogramBoundsAreIncluded() {
        let histogram = Histogram(bounds: [1, 5, 7])
        for quantity: UInt64 in 0...9 { histogram.observe(quantity) }
        #expect(histogram.cumulative == [2, 6, 8, 10])
        #expect(histogram.sum == 45)
    }

    /// Incidents are kept up to a limit and counted beyond it, also when there are many kinds.
    @Test func incidentsAreCounted() {
        var list = IncidentList()
        let now = Instant(nanoseconds: 5)
        for number in 0..<1000 {
            list.note(.warning, "kind.\(number % 100)", at: now, "it happened")
        }
        #expect(list.recent.count == IncidentList.keptMax)
        #expect(list.recent.first?.number == 745)
        #expect(list.recent.last?.number == 1000)
        #expect(list.counts.count == IncidentList.kindsMax)
        #expect(list.counts.reduce(0) { $0 + $1.count } == 1000)
        #expect(list.counts.first?.count == 10)
        #expect(list.counts.last?.kind == "other")
    }
}
