// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A price for a unit of gas, in millionths of the smallest coin: no fractions of a binary kind.
public struct GasPrice: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The least that the whole network takes: 0.000001 utia.
    public static let networkMinimum = GasPrice(millionths: 1)
    /// What nodes ask for unless told otherwise: 0.004 utia.
    public static let usualMinimum = GasPrice(millionths: 4000)

    /// Millionths of the smallest coin for a unit of gas.
    public let millionths: UInt64

    /// Names a price.
    public init(millionths: UInt64) {
        self.millionths = millionths
    }

    /// What so much gas costs, rounded up to a whole coin; the largest number when it overflows.
    public func fee(forGas gas: UInt64) -> UInt64 {
        let product = gas.multipliedFullWidth(by: millionths)
        guard product.high < 1_000_000 else { return .max }
        let (quotient, rest) = UInt64(1_000_000).dividingFullWidth(product)
        return rest == 0 || quotient == .max ? quotient : quotient + 1
    }

    /// Reads a decimal such as `0.004`, with at most six places.
    public init(text: String) throws(DecodeFault) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let places = parts.count == 2 ? parts[1].count : 0
        guard parts.count == 1 || (1...6).contains(places), let whole = parts.first,
            !whole.isEmpty, parts.allSatisfy({ $0.allSatisfy { (48...57).contains($0) } }),
            let value = UInt64(
                String(
                    decoding: parts.joined() + [UInt8](repeating: 48, count: 6 - places),
                    as: UTF8.self))
        else { throw .malformed("not a price with at most six decimal places") }
        millionths = value
    }

    /// The decimal, without zeros at its end.
    public var description: String {
        let whole = String(millionths / 1_000_000)
        var places = String(millionths % 1_000_000)
        if places == "0" { return whole }
        places = String(repeating: "0", count: 6 - places.utf8.count) + places
        while places.last == "0" { places.removeLast() }
        return whole + "." + places
    }

    /// Order of the prices.
    public static func < (lhs: GasPrice, rhs: GasPrice) -> Bool {
        lhs.millionths < rhs.millionths
    }
}
