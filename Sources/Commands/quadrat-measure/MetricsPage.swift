// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RPC

/// A node's metrics at one moment, and what its process has cost so far.
struct MetricsPage {
    /// Every line's number by its name with its labels.
    private var values: [String: Double] = [:]

    init(_ rpc: RPCClient) throws {
        let text = String(decoding: try rpc.page("/metrics"), as: UTF8.self)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...])
            else { continue }
            values[String(line[..<space])] = value
        }
    }

    /// A number; 0 for one that is not there.
    func value(_ name: String) -> Double { values[name] ?? 0 }

    /// The numbers of a name by its one label, whose values come in order.
    func byLabel(_ name: String) -> [(label: String, value: Double)] {
        values.filter { $0.key.hasPrefix(name + "{") }
            .compactMap { key, value in
                let parts = key.split(separator: "\"")
                return parts.count > 1 ? (String(parts[1]), value) : nil
            }
            .sorted { $0.label < $1.label }
    }
}

/// What a process has cost since it began.
struct ProcessorTime {
    /// Seconds in its own code, and in the system for it.
    let user: Double
    let system: Double

    var total: Double { user + system }

    init(of process: Int32) {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
        let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
        user = fields.count > 12 ? (Double(fields[11]) ?? 0) / tick : 0
        system = fields.count > 12 ? (Double(fields[12]) ?? 0) / tick : 0
    }
}
