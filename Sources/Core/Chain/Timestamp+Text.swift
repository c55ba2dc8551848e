// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// RFC 3339 text in UTC, as CometBFT's JSON has it: no trailing zeros in the fraction.
extension Timestamp: CustomStringConvertible {
    /// For example `2023-10-31T15:24:10.454033411Z`.
    public var description: String {
        let day = seconds.quotientRoundedDown(by: 86_400)
        let date = Self.date(ofDay: day)
        let second = seconds - day * 86_400
        var text = Self.digits(date.year, 4)
        text += "-" + Self.digits(date.month, 2) + "-" + Self.digits(date.day, 2)
        text += "T" + Self.digits(second / 3600, 2)
        text += ":" + Self.digits(second / 60 % 60, 2) + ":" + Self.digits(second % 60, 2)
        if nanoseconds > 0 {
            var fraction = Self.digits(Int64(nanoseconds), 9)
            while fraction.last == "0" { fraction.removeLast() }
            text += "." + fraction
        }
        return text + "Z"
    }

    /// Reads RFC 3339 text with up to nine digits of a fraction; only UTC (`Z`) is taken.
    public init(text: String) throws(DecodeFault) {
        let utf8 = Array(text.utf8)
        guard (20...30).contains(utf8.count), utf8.last == UInt8(ascii: "Z"),
            utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-"),
            utf8[10] == UInt8(ascii: "T"), utf8[13] == UInt8(ascii: ":"),
            utf8[16] == UInt8(ascii: ":"),
            let year = Self.number(utf8[0..<4]), let month = Self.number(utf8[5..<7]),
            let day = Self.number(utf8[8..<10]), let hour = Self.number(utf8[11..<13]),
            let minute = Self.number(utf8[14..<16]), let second = Self.number(utf8[17..<19]),
            let fraction = Self.fraction(utf8[19..<utf8.count - 1])
        else { throw .malformed("not a time in RFC 3339, UTC") }
        let dayNumber = Self.day(year: year, month: month, day: day)
        let back = Self.date(ofDay: dayNumber)
        guard back == (year, month, day), hour < 24, minute < 60, second < 60,
            let value = Timestamp(
                seconds: dayNumber * 86_400 + hour * 3600 + minute * 60 + second,
                nanoseconds: fraction)
        else { throw .malformed("no such time") }
        self = value
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// Nanoseconds of `.454033411` or of nothing.
    private static func fraction(_ text: ArraySlice<UInt8>) -> Int32? {
        if text.isEmpty { return 0 }
        let digits = text.dropFirst()
        guard text.first == UInt8(ascii: "."), (1...9).contains(digits.count),
            var value = number(digits)
        else { return nil }
        for _ in digits.count..<9 { value *= 10 }
        return Int32(value)
    }

    /// The civil date of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day comes last: 400 years have 146 097 days.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted.quotientRoundedDown(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.quotientRoundedDown(by: 400)
        let yearOfEra = shifted - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}
