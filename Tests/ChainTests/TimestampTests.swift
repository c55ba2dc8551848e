// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Testing

/// Moments as text, on the wire and moved.
@Suite struct TimestampTests {
    /// Known texts, among them leap days, the ends of the range, and nine digits of a fraction.
    @Test func knownTexts() throws {
        let known: [(Int64, Int32, String)] = [
            (0, 0, "1970-01-01T00:00:00Z"), (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (1_709_210_096, 5, "2024-02-29T12:34:56.000000005Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_300_799, 500_000_000, "9999-12-31T23:59:59.5Z"),
            (1_698_765_850, 454_033_411, "2023-10-31T15:24:10.454033411Z"),
            (-2_203_891_200, 0, "1900-03-01T00:00:00Z"),
        ]
        for (seconds, nanoseconds, text) in known {
            let time = try #require(Timestamp(seconds: seconds, nanoseconds: nanoseconds))
            #expect(time.description == text)
            #expect(try Timestamp(text: text) == time)
            #expect(try Timestamp(protobuf: time.protobuf[...]) == time)
        }
    }

    /// Every day of 800 years goes to text and back, in order.
    @Test func everyDay() throws {
        var before = ""
        for day in Int64(-146_097)..<146_097 {
            let time = try ChainExamples.time(day * 86_400)
            let text = time.description
            if day % 17 == 0 { #expect(try Timestamp(text: text) == time) }
            guard before < text else {
                Issue.record("\(text) after \(before)")
                return
            }
            before = text
        }
    }

    /// Texts and numbers that are no moment are refused.
    @Test func refusals() {
        for text in [
            "", "2023-10-31", "2023-10-31T15:24:10", "2023-10-31 15:24:10Z", "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z",
            "2023-01-01T00:00:60Z", "2023-01-01T00:00:00.Z", "2023-01-01T00:00:00.1234567890Z",
            "2023-01-01T00:00:00+01:00", "0000-01-01T00:00:00Z", "2023-1-01T00:00:00.0Z",
            "-023-01-01T00:00:00Z",
        ] {
            #expect(throws: DecodeFault.self, "\(text)") { try Timestamp(text: text) }
        }
        #expect(Timestamp(seconds: 253_402_300_800) == nil)
        #expect(Timestamp(seconds: -62_135_596_801) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: -1) == nil)
        #expect(throws: DecodeFault.self) {
            try Timestamp(protobuf: [0x10, 0xff, 0xff, 0xff, 0xff, 0x0f])
        }
    }

    /// Moving carries between the parts, keeps the order, and stops at the ends of the range.
    @Test func moving() throws {
        let time = try #require(Timestamp(seconds: 10, nanoseconds: 999_999_999))
        #expect(time.advanced(byNanoseconds: 1) == Timestamp(seconds: 11))
        #expect(time.advanced(byNanoseconds: -10_999_999_999) == Timestamp(seconds: 0))
        #expect(
            time.advanced(byNanoseconds: -11_000_000_000)
                == Timestamp(seconds: -1, nanoseconds: 999_999_999))
        #expect(Timestamp.zero.advanced(byNanoseconds: -1) == .zero)
        let last = try #require(Timestamp(seconds: 253_402_300_799, nanoseconds: 999_999_999))
        #expect(last.advanced(byNanoseconds: .max) == last)
        #expect(Timestamp(nanosecondsSince1970: .max).nanosecondsSince1970 == .max)
        #expect(last.nanosecondsSince1970 == nil && Timestamp.zero.nanosecondsSince1970 == nil)
    }
}
