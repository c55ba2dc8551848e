// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The memory that a light node takes after a day of full blocks.
enum LightMemoryFamily {
    /// A day of blocks, three seconds apart; QUADRAT_LIGHT_BLOCKS says otherwise.
    private static var blocks: Int {
        ProcessInfo.processInfo.environment["QUADRAT_LIGHT_BLOCKS"].flatMap { Int($0) } ?? 28_800
    }
    private static let limit = Double(64 << 20)

    static func day(_ yardsticks: Yardsticks) -> [Measurement] {
        let bare = resident
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "quadrat-light-\(getpid())")
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            var day = try LightDay(width: 256, validators: 100)
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
            let before = resident
            try day.begin(directory: directory.path)
            var found: [Measurement] = []
            let count = blocks
            for block in 1...count {
                day.follow()
                if block == count / 10 || block == count {
                    found += measurements(after: block, since: before, of: day)
                }
            }
            precondition(day.incidents.isEmpty, "nothing goes wrong: \(day.incidents)")
            return [
                Measurement(
                    name: "light-memory/process-alone", value: bare.all, unit: "bytes")
            ] + found
        } catch {
            preconditionFailure("the store opens: \(error)")
        }
    }

    private static func measurements(
        after block: Int, since before: (all: Double, own: Double), of day: LightDay
    ) -> [Measurement] {
        let now = resident
        return [
            Measurement(
                name: "light-memory/k=256/blocks=\(block)/resident", value: now.all - before.all,
                unit: "bytes", floor: limit),
            Measurement(
                name: "light-memory/k=256/blocks=\(block)/own", value: now.own - before.own,
                unit: "bytes", floor: limit),
            Measurement(
                name: "light-memory/k=256/blocks=\(block)/followed",
                value: Double(day.followed), unit: "blocks"),
            Measurement(
                name: "light-memory/k=256/blocks=\(block)/sampled",
                value: Double(day.sampled), unit: "blocks"),
        ]
    }

    /// Resident bytes: all, which counts the index file's pages, and the process's own.
    private static var resident: (all: Double, own: Double) {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func field(_ name: String) -> Double {
            for line in status.split(separator: "\n") where line.hasPrefix(name) {
                return (Double(line.filter(\.isNumber)) ?? 0) * 1024
            }
            return 0
        }
        return (field("VmRSS:"), field("RssAnon:"))
    }
}
