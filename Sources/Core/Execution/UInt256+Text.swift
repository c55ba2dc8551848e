// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Bytes and text at the edges of the engine.
extension UInt256: CustomStringConvertible {
    /// Reads up to 32 bytes, the most significant first; nil when there are more.
    public init?(bigEndian bytes: some Collection<UInt8>) {
        guard bytes.count <= 32 else { return nil }
        var value = UInt256.zero
        for byte in bytes { value = value << 8 | UInt256(UInt64(byte)) }
        self = value
    }

    /// A digest or root as a number.
    public init(_ bytes: Bytes32) {
        self = .zero
        for index in 0..<32 { self = self << 8 | UInt256(UInt64(bytes[index])) }
    }

    /// 32 bytes, the most significant first.
    public var bytes32: Bytes32 {
        var bytes = Bytes32()
        for index in 0..<32 {
            bytes[31 - index] = UInt8(truncatingIfNeeded: limb(index / 8) >> UInt64(index % 8 * 8))
        }
        return bytes
    }

    /// The bytes without leading zeros, none for 0: how RLP writes integers.
    public var minimalBytes: [UInt8] { Array(bytes32.array.suffix(byteCount)) }

    /// Hexadecimal digits without leading zeros, behind 0x.
    public var description: String {
        let digits = Hex.encode(bytes32.array).drop { $0 == "0" }
        return "0x" + (digits.isEmpty ? "0" : digits)
    }

    /// Reads hexadecimal text of up to 64 digits, with or without 0x; nil for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard digits.utf8.count <= 64 else { return nil }
        var value = UInt256.zero
        for digit in digits.utf8 {
            guard let nibble = UInt256.nibble(digit) else { return nil }
            value = value << 4 | UInt256(nibble)
        }
        self = value
    }

    /// Reads decimal text; nil for anything else or 2²⁵⁶ and above.
    public init?(decimal text: some StringProtocol) {
        guard !text.isEmpty else { return nil }
        var value = UInt256.zero
        for digit in text.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, isLarge) = value.multiplied(by: UInt256(10))
            let (sum, overflow) = product.adding(UInt256(UInt64(digit - UInt8(ascii: "0"))))
            guard !isLarge, !overflow else { return nil }
            value = sum
        }
        self = value
    }

    private static func nibble(_ digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension RLPItem {
    /// A word without leading zeros.
    public func word(_ field: String = "item") throws(DecodeFault) -> UInt256 {
        let bytes = try string(field)
        guard bytes.first != 0, let value = UInt256(bigEndian: bytes) else {
            throw .malformed("RLP: \(field) is no integer of 256 bits", at: bytes.startIndex)
        }
        return value
    }
}

extension RLPWriter {
    /// A word without leading zeros.
    public mutating func integer(_ value: UInt256) {
        value.isSmall ? integer(value.w0) : string(value.minimalBytes)
    }

    /// An address, or the empty string where there is none.
    public mutating func address(_ value: Address?) {
        if let value { string(value.bytes) } else { string([]) }
    }
}
