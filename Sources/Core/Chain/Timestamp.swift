// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A moment as headers and votes carry it: seconds and nanoseconds since 1970, UTC.
///
/// Wire form: `google.protobuf.Timestamp {int64 seconds=1; int32 nanos=2}`, from the year 1 to the
/// end of 9999. Absent votes carry the year 1, which is Go's zero time.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// 0001-01-01T00:00:00Z, Go's zero time.
    public static let zero = Timestamp(checkedSeconds: earliest, 0)

    static let earliest: Int64 = -62_135_596_800
    static let latest: Int64 = 253_402_300_799

    /// Whole seconds since 1970, negative before.
    public let seconds: Int64
    /// The part of a second after them, 0 ..< 1 000 000 000.
    public let nanoseconds: Int32

    /// Names a moment, or is nil outside the years 1 to 9999.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard (Self.earliest...Self.latest).contains(seconds),
            (0..<1_000_000_000).contains(nanoseconds)
        else { return nil }
        self.init(checkedSeconds: seconds, nanoseconds)
    }

    /// The moment that many nanoseconds after 1970; every such number is in range.
    public init(nanosecondsSince1970 count: UInt64) {
        self.init(checkedSeconds: Int64(count / 1_000_000_000), Int32(count % 1_000_000_000))
    }

    private init(checkedSeconds seconds: Int64, _ nanoseconds: Int32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Nanoseconds since 1970, or nil before it and after the year 2554.
    public var nanosecondsSince1970: UInt64? {
        guard let seconds = UInt64(exactly: seconds) else { return nil }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(UInt64(nanoseconds))
        return overflow || carry ? nil : sum
    }

    /// This moment moved by a number of nanoseconds, held inside the years 1 to 9999.
    public func advanced(byNanoseconds count: Int64) -> Timestamp {
        let total = Int64(nanoseconds) + count % 1_000_000_000
        let carry: Int64 = total < 0 ? -1 : total >= 1_000_000_000 ? 1 : 0
        let moved = seconds + count / 1_000_000_000 + carry
        if moved < Self.earliest { return .zero }
        if moved > Self.latest {
            return Timestamp(checkedSeconds: Self.latest, 999_999_999)
        }
        return Timestamp(checkedSeconds: moved, Int32(total - carry * 1_000_000_000))
    }

    /// Earlier moments first.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        (lhs.seconds, lhs.nanoseconds) < (rhs.seconds, rhs.nanoseconds)
    }

    /// Reads the wire form; moments outside the years 1 to 9999 are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: seconds = try field.signed()
            case 2: nanoseconds = try field.signed()
            default: break
            }
        }
        guard let nanoseconds = Int32(exactly: nanoseconds),
            let value = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
        else { throw .malformed("a time outside the years 1 to 9999") }
        self = value
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 16)
        writer.signed(1, seconds)
        writer.signed(2, Int64(nanoseconds))
        return writer.bytes
    }
}
