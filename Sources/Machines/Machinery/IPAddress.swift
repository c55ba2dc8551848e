// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// An IPv4 or IPv6 address.
package enum IPAddress: Hashable, Sendable {
    /// Four bytes, network order.
    case v4(FixedBytes<4>)
    /// Sixteen bytes, network order.
    case v6(FixedBytes<16>)

    /// Reads 4 or 16 bytes in network order; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        if let four = FixedBytes<4>(bytes) {
            self = .v4(four)
        } else if let sixteen = FixedBytes<16>(bytes) {
            self = .v6(sixteen)
        } else {
            return nil
        }
    }

    /// The bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let four): four.array
        case .v6(let sixteen): sixteen.array
        }
    }

    /// Whether it names the machine itself: 127.0.0.0/8, ::1, or the former mapped into IPv6.
    package var isLoopback: Bool {
        switch unmapped {
        case .v4(let four): four[0] == 127
        case .v6(let sixteen): sixteen.array.dropLast().allSatisfy { $0 == 0 } && sixteen[15] == 1
        }
    }

    /// The IPv4 address that `::ffff:a.b.c.d` stands for, else the address itself.
    package var unmapped: IPAddress {
        guard case .v6(let sixteen) = self else { return self }
        let bytes = sixteen.array
        guard bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 255, bytes[11] == 255,
            let four = FixedBytes<4>(bytes[12...])
        else { return self }
        return .v4(four)
    }

    /// The first `bits` bits of an address, which is how limits by subnet name it.
    package func network(bits: Int) -> [UInt8] {
        var prefix = bytes
        for index in prefix.indices {
            let kept = min(8, max(0, bits - index * 8))
            prefix[index] &= kept == 8 ? 0xff : ~(0xff >> UInt8(kept))
        }
        return prefix
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by bytes.
    package static func < (lhs: IPAddress, rhs: IPAddress) -> Bool {
        let (left, right) = (lhs.bytes, rhs.bytes)
        return left.count == right.count
            ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the form of RFC 5952.
    package var description: String {
        switch self {
        case .v4(let four):
            return four.array.map(String.init).joined(separator: ".")
        case .v6(let sixteen):
            let bytes = sixteen.array
            let groups = stride(from: 0, to: 16, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return Self.text(of: groups)
        }
    }

    /// The address that `text` writes; nil when it writes none.
    package init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let bytes = Self.parseV6(String(text)) else { return nil }
            self.init(bytes: bytes)
        } else {
            guard let bytes = Self.parseV4(String(text)) else { return nil }
            self.init(bytes: bytes)
        }
    }

    private static func text(of groups: [UInt16]) -> String {
        var longest = 0..<0
        var index = 0
        while index < groups.count {
            let end = groups[index...].firstIndex { $0 != 0 } ?? groups.count
            if end - index > longest.count && end - index > 1 { longest = index..<end }
            index = max(end, index + 1)
        }
        let hex = { (group: UInt16) in String(group, radix: 16) }
        guard !longest.isEmpty else { return groups.map(hex).joined(separator: ":") }
        return groups[..<longest.lowerBound].map(hex).joined(separator: ":") + "::"
            + groups[longest.upperBound...].map(hex).joined(separator: ":")
    }

    private static func parseV4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part),
                part.utf8.count == 1 || part.utf8.first != 48
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func parseV6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, !text.contains(":::") else { return nil }
        var sides: [[UInt8]] = []
        for (index, half) in halves.enumerated() {
            guard let bytes = parseGroups(String(half), mayEndInV4: index == halves.count - 1)
            else { return nil }
            sides.append(bytes)
        }
        if sides.count == 1 { return sides[0].count == 16 ? sides[0] : nil }
        let zeros = 16 - sides[0].count - sides[1].count
        guard zeros >= 2 else { return nil }
        return sides[0] + [UInt8](repeating: 0, count: zeros) + sides[1]
    }

    private static func parseGroups(_ text: String, mayEndInV4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if mayEndInV4, index == groups.count - 1, group.contains(".") {
                guard let four = parseV4(String(group)) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(group.utf8.count), !group.hasPrefix("+"),
                    let value = UInt16(group, radix: 16)
                else { return nil }
                bytes.append(bigEndian: value)
            }
        }
        return bytes
    }
}
