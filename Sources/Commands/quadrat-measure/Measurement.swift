// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// One measured figure, and what it is held against.
struct Measurement {
    /// What was measured, like `square.commit/k=128/cores=1`.
    let name: String
    /// The figure.
    let value: Double
    /// Its unit.
    let unit: String
    /// What the yardsticks of the same run say is the least (or, for rates, the most) possible.
    var floor: Double?

    /// The figure as a multiple of its floor.
    var ratio: Double? { floor.map { value / $0 } }

    /// One line for people.
    var line: String {
        let name = name.padding(toLength: 44, withPad: " ", startingAt: 0)
        let value = Self.text(value).padding(toLength: 10, withPad: " ", startingAt: 0)
        guard let floor, let ratio else { return "\(name) \(value) \(unit)" }
        let unit = unit.padding(toLength: 6, withPad: " ", startingAt: 0)
        return "\(name) \(value) \(unit) floor \(Self.text(floor))  ratio \(Self.text(ratio))"
    }

    /// One object for programs.
    var json: String {
        let floor = floor.map { Self.exact($0) } ?? "null"
        let ratio = ratio.map { Self.exact($0) } ?? "null"
        return """
            {"name":"\(name)","value":\(Self.exact(value)),"unit":"\(unit)",\
            "floor":\(floor),"ratio":\(ratio)}
            """
    }

    private static func text(_ number: Double) -> String {
        String(format: number < 10 ? "%.3f" : "%.1f", number)
    }

    private static func exact(_ number: Double) -> String { String(format: "%.6g", number) }
}
