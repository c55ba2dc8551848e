// SPDX-License-Identifier: Apache-2.0

/// What a member's work takes on one core, in nanoseconds.
package struct WorkCosts: Hashable, Sendable {
    /// Laying out a block's square, and the same again to check somebody else's.
    package var layout: UInt64 = 0
    /// Extending a square, committing to it, and its sidecar.
    package var encoding: UInt64 = 0
    /// Rebuilding a square from all data rows, extended anew.
    package var rebuilding: UInt64 = 0
    /// Rebuilding a square from half of its rows, parity among them, extended anew.
    package var repairing: UInt64 = 0
    /// Verifying half a row under its root.
    package var rowVerification: UInt64 = 0
    /// Verifying a signature.
    package var signatureVerification: UInt64 = 0
    /// Drawing who holds which line of a block.
    package var custody: UInt64 = 0
    /// A message or an answer that the loop takes up: what the machines do with it.
    package var step: UInt64 = 0
    /// Sealing, or opening and decoding, a mebibyte of messages.
    package var mebibyte: UInt64 = 0
    /// Making a record durable.
    package var flush: UInt64 = 0
    /// Writing a mebibyte, beside the flush.
    package var writtenMebibyte: UInt64 = 0

    /// Work that takes no time.
    package static let none = WorkCosts()

    /// Takes costs that are set one by one.
    package init() {}

    func bytes(_ count: Int) -> UInt64 { mebibyte * UInt64(count) >> 20 }
    func writing(_ count: Int) -> UInt64 { flush + writtenMebibyte * UInt64(count) >> 20 }
}

extension WorkCosts {
    /// Each with its name, in microseconds.
    package var figures: [(name: String, microseconds: Double)] {
        [
            ("layout", layout), ("encoding", encoding), ("rebuilding", rebuilding),
            ("repairing", repairing), ("rowVerification", rowVerification),
            ("signatureVerification", signatureVerification), ("custody", custody),
            ("step", step), ("mebibyteSealedOrOpened", mebibyte), ("flush", flush),
            ("mebibyteWritten", writtenMebibyte),
        ].map { ($0.0, Double($0.1) / 1_000) }
    }
}
