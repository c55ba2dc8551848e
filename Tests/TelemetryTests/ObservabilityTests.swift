// SPDX-License-Identifier: Apache-2.0

import Foundation
import Telemetry
import TestSupport
import Testing

/// What is documented of metrics and alerts, against what is there.
@Suite struct ObservabilityTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Vectors.repository.appending(path: path), encoding: .utf8)
    }

    /// Names of the table of Protocol/19-observability.md, with their kinds.
    private static func documented() throws -> [String: String] {
        var names: [String: String] = [:]
        let rows = try text("Protocol/19-observability.md").matches(
            of: /(?m)^\| `([a-z_]+)` \| (counter|gauge|histogram) \|/)
        for row in rows { names[String(row.1)] = String(row.2) }
        return names
    }

    /// Every metric is documented with its kind, and every documented one is there.
    @Test func metricsAreDocumented() throws {
        let metrics = NodeMetrics(kind: "light", parts: ["headers", "peers"])
        let documented = try Self.documented()
        #expect(documented.keys.sorted() == (metrics.names + NodeMetrics.late).sorted())
        let text = String(decoding: PrometheusText.render(metrics.registry), as: UTF8.self)
        for name in metrics.names {
            let kind = try #require(documented[name])
            #expect(text.contains("# TYPE \(name) \(kind)\n"), "\(name)")
        }
    }

    /// Every alert names only documented metrics and has an entry in the runbook, and every entry
    /// has its alert.
    @Test func alertsAreExplained() throws {
        let rules = try Self.text("Docker/alerts.yml")
        let runbook = try Self.text("Docker/RUNBOOK.md")
        let documented = try Self.documented()
        let alerts = rules.matches(of: /(?m)- alert: (\w+)$/).map { String($0.1) }
        #expect(alerts.count >= 10 && Set(alerts).count == alerts.count)
        let entries = runbook.matches(of: /(?m)^## (\w+)$/).map { String($0.1) }
        #expect(entries == alerts, "the runbook has the alerts in their order")
        var used: Set<String> = []
        for line in rules.matches(of: /(?m)expr: (.+)$/) {
            let expression = line.1.replacing(/\{[^}]*\}/, with: "")
            for word in expression.matches(of: /[a-z]+_[a-z_]+/) {
                let name = String(word.0)
                #expect(documented[name] != nil, "\(name) is no documented metric")
                used.insert(name)
            }
        }
        #expect(used.count >= 10)
        let count = rules.matches(of: /expr:/).count
        #expect(count == alerts.count)
    }

    /// Calls are counted where they belong: posts, reads, and the rest only as calls.
    @Test func callsAreCounted() {
        let metrics = NodeMetrics(kind: "storage", parts: [])
        metrics.answered("blob.Submit", isResult: true, microseconds: 5)
        metrics.answered("blob.Submit", isResult: false, microseconds: 5)
        metrics.answered("blob.Get", isResult: true, microseconds: 5)
        metrics.answered("blob.GetAll", isResult: false, microseconds: 5)
        metrics.answered("header.LocalHead", isResult: true, microseconds: 5)
        #expect(metrics.submissions.value == 1 && metrics.submissionErrors.value == 1)
        #expect(metrics.retrievals.value == 1 && metrics.retrievalErrors.value == 1)
        #expect(metrics.callSeconds.cumulative.last == 5)
    }
}
