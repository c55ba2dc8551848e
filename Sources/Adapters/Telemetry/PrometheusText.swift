// SPDX-License-Identifier: Apache-2.0

/// All metrics in the text that Prometheus scrapes (exposition format 0.0.4).
///
/// The same numbers always give the same bytes.
package enum PrometheusText {
    /// The media type to answer with.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Every family with its help, its type and its series.
    package static func render(_ registry: MetricRegistry) -> [UInt8] {
        var text = ""
        for family in registry.snapshot {
            guard let first = family.series.first else { continue }
            text += "# HELP \(family.name) \(escapedHelp(family.help))\n"
            text += "# TYPE \(family.name) \(first.source.kind)\n"
            for series in family.series { text += lines(family.name, series) }
        }
        return Array(text.utf8)
    }

    private static func lines(_ name: String, _ series: MetricRegistry.Series) -> String {
        switch series.source {
        case .counter(let counter): "\(name)\(braces(series.labels)) \(counter.value)\n"
        case .gauge(let gauge): "\(name)\(braces(series.labels)) \(gauge.value)\n"
        case .histogram(let histogram): lines(name, series.labels, histogram)
        }
    }

    private static func lines(
        _ name: String, _ labels: [(name: String, value: String)], _ histogram: Histogram
    ) -> String {
        let counts = histogram.cumulative
        var text = ""
        for (index, count) in counts.enumerated() {
            let bound =
                index < histogram.bounds.count
                ? decimal(histogram.bounds[index], histogram.decimals) : "+Inf"
            text += "\(name)_bucket\(braces(labels + [("le", bound)])) \(count)\n"
        }
        text += "\(name)_sum\(braces(labels)) \(decimal(histogram.sum, histogram.decimals))\n"
        text += "\(name)_count\(braces(labels)) \(counts[counts.count - 1])\n"
        return text
    }

    private static func braces(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let inner = labels.map { "\($0.name)=\"\(escapedLabel($0.value))\"" }
        return "{" + inner.joined(separator: ",") + "}"
    }

    /// `value` with the point `decimals` digits from the right, without zeros at its end.
    private static func decimal(_ value: UInt64, _ decimals: Int) -> String {
        guard decimals > 0 else { return String(value) }
        let digits = String(value)
        let padding = max(0, decimals + 1 - digits.count)
        let padded = String(repeating: "0", count: padding) + digits
        var fraction = padded.suffix(decimals)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = padded.dropLast(decimals)
        return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }

    private static func escapedHelp(_ text: String) -> String {
        escaped(text, quotes: false)
    }

    private static func escapedLabel(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
