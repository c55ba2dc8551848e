// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Moments as people and collectors read them.
package enum CalendarText {
    /// RFC 3339 in UTC to the millisecond: `2026-01-31T23:59:59.123Z`.
    package static func describe(_ instant: Instant) -> String {
        let milliseconds = instant.nanoseconds / 1_000_000
        let seconds = milliseconds / 1000
        let (year, month, day) = date(dayNumber: seconds / 86_400)
        let time = seconds % 86_400
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
            + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
            + ".\(padded(milliseconds % 1000, 3))Z"
    }

    /// The Gregorian date, from days since 1970-01-01.
    ///
    /// Counts years from March, so that the leap day is a year's last; 146 097 days are 400 years.
    private static func date(dayNumber: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let days = dayNumber + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
