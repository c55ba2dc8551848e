// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// All numbers that a process shows about itself.
///
/// A metric is registered once, by the code that keeps it, under a name that says its unit
/// (`quadrat_store_put_seconds`). Names and labels are the program's own words, never a stranger's,
/// so breaking their rules is a mistake of ours and stops the process.
package final class MetricRegistry: Sendable {
    /// The most series, over all names and labels.
    package static let seriesMax = 4096

    /// A value that is kept or asked for.
    enum Source: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)

        var kind: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// One metric with one set of labels.
    struct Series: Sendable {
        let labels: [(name: String, value: String)]
        let source: Source
    }

    /// All series of one name.
    struct Family: Sendable {
        let name: String
        let help: String
        var series: [Series]
    }

    private let families = Mutex<[Family]>([])

    package init() {}

    /// Registers a counter; its name ends with `_total`.
    package func counter(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = []
    ) -> Counter {
        precondition(name.hasSuffix("_total"), "a counter's name ends with _total: \(name)")
        let counter = Counter()
        add(name, help, Series(labels: labels, source: .counter(counter)))
        return counter
    }

    /// Registers a gauge.
    package func gauge(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = []
    ) -> Gauge {
        let gauge = Gauge()
        add(name, help, Series(labels: labels, source: .gauge(gauge)))
        return gauge
    }

    /// Registers a histogram.
    package func histogram(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = [],
        _ histogram: Histogram
    ) -> Histogram {
        add(name, help, Series(labels: labels, source: .histogram(histogram)))
        return histogram
    }

    /// All families, by name in order, their series in order of registration.
    var snapshot: [Family] {
        families.withLock { $0 }
    }

    private func add(_ name: String, _ help: String, _ series: Series) {
        precondition(Self.isName(name), "no name of a metric: \(name)")
        for label in series.labels {
            precondition(Self.isName(label.name) && label.name != "le", "no label: \(label.name)")
        }
        families.withLock { families in
            let count = families.reduce(0) { $0 + $1.series.count }
            precondition(count < Self.seriesMax, "there are \(count) series already")
            guard let place = families.firstIndex(where: { $0.name >= name }),
                families[place].name == name
            else {
                let place = families.firstIndex { $0.name > name } ?? families.count
                families.insert(Family(name: name, help: help, series: [series]), at: place)
                return
            }
            for other in families[place].series {
                precondition(other.source.kind == series.source.kind, "\(name) has two kinds")
                precondition(
                    other.labels.map(\.name) != series.labels.map(\.name)
                        || other.labels.map(\.value) != series.labels.map(\.value),
                    "\(name) is registered twice with the same labels")
            }
            families[place].series.append(series)
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}
