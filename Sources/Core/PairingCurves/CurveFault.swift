// SPDX-License-Identifier: Apache-2.0

/// Why bytes name no point, or cannot be worked with.
public enum CurveFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The input has a length that no input has.
    case length(Int)
    /// A coordinate is not below the field's prime.
    case coordinate
    /// Padding or flags of an encoding are not what they must be.
    case encoding
    /// The coordinates are of no point of the curve.
    case notOnCurve
    /// The point is outside of the group that pairings are of.
    case notInGroup
    /// A number is not below the group's order.
    case scalar
    /// A commitment does not have the hash that was named.
    case versionedHash
    /// A proof does not hold.
    case proof

    /// One line for people.
    public var description: String {
        switch self {
        case .length(let count): "an input of \(count) bytes"
        case .coordinate: "a coordinate is not below the prime"
        case .encoding: "padding or flags of a point are wrong"
        case .notOnCurve: "a point is not on its curve"
        case .notInGroup: "a point is not in the group"
        case .scalar: "a number is not below the order"
        case .versionedHash: "the commitment has another hash"
        case .proof: "the proof does not hold"
        }
    }
}

/// A cursor over the fixed parts of an input.
struct PointReader {
    private let bytes: [UInt8]
    private var offset = 0

    /// Takes an input whose length was checked.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next(_ count: Int) -> ArraySlice<UInt8> {
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    /// A number of 32 bytes, low limb first.
    mutating func scalar() -> [UInt64] { Limbs.decode(next(32)) }
}
