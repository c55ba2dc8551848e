// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import DataSquare
internal import Roles

/// What nodes that keep squares are told about how much of them, how long, and for whom.
enum StorageOptions {
    /// Ten years, in seconds.
    private static let longest: Int64 = 315_360_000

    /// The age up to which light nodes sample too.
    static let samplingWindow = Option(
        "sampling-window", .integer("SECONDS", 1...longest),
        "up to which age blocks are sampled", fallback: "604800", key: "sampling.window")

    /// For storage nodes alone: a validator has whole squares.
    static let slice = Option(
        "slice", .text("I/N"),
        "keep only every N-th row of each square, as in 3/8; N is a power of two up to 64",
        key: "storage.slice")

    static let options = [
        Option("archival", .flag, "keep the squares of all heights", key: "storage.archival"),
        Option(
            "storage-window", .integer("SECONDS", 1...longest),
            "up to which age squares are kept; not less than --sampling-window",
            fallback: "608400", key: "storage.window"),
        Option(
            "pin", .list("NAMESPACE"), "keep all data of a namespace for ever, with its proofs",
            key: "storage.pin"),
        Option(
            "disk-budget", .text("BYTES"),
            "what the data may take, as in 500GiB; over it no more squares are stored",
            key: "storage.disk-budget"),
        Option(
            "scrub-rate", .text("BYTES"),
            "how much of the stored data is read again each second to find damage; 0 for none",
            fallback: "16MiB", key: "storage.scrub-rate"),
        Option(
            "square-cache", .text("BYTES"),
            "memory for extended squares that are kept at hand, so that samples need no hashing",
            fallback: "512MiB", key: "storage.square-cache"),
    ]

    /// The memory that a call allows for squares at hand, in bytes; nil for a kind that keeps none.
    static func squareCacheBytes(
        _ call: Invocation, _ kind: NodeKind
    ) throws(CommandFault) -> Int? {
        guard kind != .light else { return nil }
        let text = try call.required("square-cache")
        guard let bytes = Int(exactly: try size(text, "--square-cache")) else {
            throw .usage("--square-cache is '\(text)'", hint: "give a size such as 512MiB")
        }
        return bytes
    }

    /// Sets what a call says.
    static func apply(
        _ call: Invocation, to node: inout NodeConfiguration
    ) throws(CommandFault) {
        let sampling = try call.integer("sampling-window") ?? 604_800
        node.samplingWindowMilliseconds = UInt64(sampling) * 1_000
        guard node.kind != .light else { return }
        let storage = try call.integer("storage-window") ?? 608_400
        guard storage >= sampling else {
            throw .usage(
                "--storage-window is shorter than --sampling-window",
                hint: "who samples the oldest block must be answered; give \(sampling) or more")
        }
        node.storageWindowMilliseconds = UInt64(storage) * 1_000
        node.isArchival = call.flag("archival")
        for text in call.texts("pin") { try pin(text, in: &node) }
        if let text = call.text("disk-budget") {
            node.diskBudgetBytes = try size(text, "--disk-budget")
        }
        node.scrubBytesPerSecond = try size(try call.required("scrub-rate"), "--scrub-rate")
    }

    /// Sets which rows a storage node keeps.
    static func applySlice(
        _ call: Invocation, to node: inout NodeConfiguration
    ) throws(CommandFault) {
        guard let text = call.text("slice") else { return }
        guard let slice = RowSlice(text) else {
            throw .usage(
                "--slice is '\(text)'",
                hint: "give I/N, as in 3/8: N is 2, 4, 8, 16, 32 or 64, and I from 1 to N")
        }
        guard node.pins.isEmpty, node.servingMisbehavior == nil else {
            throw .usage(
                "--slice does not go with --pin or --misserve", hint: "those need whole squares")
        }
        node.slice = slice
    }

    private static func pin(
        _ text: String, in node: inout NodeConfiguration
    ) throws(CommandFault) {
        let namespace = try SquareBuildCommand.namespace(text)
        guard namespace.isValidForData else {
            throw .usage("--pin \(text): padding holds no data", hint: "give another namespace")
        }
        guard node.pins.count < NodeLimits.pinsMax else {
            throw .usage(
                "more than \(NodeLimits.pinsMax) namespaces are pinned",
                hint: "use --archival to keep everything")
        }
        if !node.pins.contains(namespace) { node.pins.append(namespace) }
    }

    /// A number of bytes: digits, and perhaps KiB, MiB, GiB or TiB.
    static func size(_ text: String, _ option: String) throws(CommandFault) -> UInt64 {
        let digits = text.prefix { $0.isNumber }
        let unit: UInt64? =
            switch text.dropFirst(digits.count) {
            case "", "B": 1
            case "KiB": 1 << 10
            case "MiB": 1 << 20
            case "GiB": 1 << 30
            case "TiB": 1 << 40
            default: nil
            }
        if let number = UInt64(digits), let unit {
            let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
            if !overflow { return bytes }
        }
        throw .usage("\(option) is '\(text)'", hint: "give a size such as 512MiB or 2TiB")
    }
}
