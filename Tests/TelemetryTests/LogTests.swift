// SPDX-License-Identifier: Apache-2.0

import Foundation
import Machinery
import Synchronization
import Telemetry
import Testing

@Suite struct LogTests {
    static let noon = Instant(nanoseconds: 1_769_860_799_123_456_789)

    /// The two forms of one line, byte for byte.
    @Test func linesHaveTheirForm() {
        let line = LogLine(
            at: Self.noon, level: .warning, event: "block.stored",
            fields: [
                ("height", .count(7)), ("drift", .number(-3)), ("ok", .flag(true)),
                ("peer", .text("ada")), ("why", .text("no \"space\"\nleft")), ("none", .text("")),
            ])
        #expect(
            String(decoding: line.bytes(.text), as: UTF8.self)
                == "time=2026-01-31T11:59:59.123Z level=warning event=block.stored height=7 "
                + "drift=-3 ok=true peer=ada why=\"no \\\"space\\\"\\nleft\" none=\"\"\n")
        #expect(
            String(decoding: line.bytes(.json), as: UTF8.self)
                == "{\"time\":\"2026-01-31T11:59:59.123Z\",\"level\":\"warning\","
                + "\"event\":\"block.stored\",\"height\":7,\"drift\":-3,\"ok\":true,"
                + "\"peer\":\"ada\",\"why\":\"no \\\"space\\\"\\nleft\",\"none\":\"\"}\n")
    }

    /// Whatever a stranger's text holds, a line stays one line, and its JSON is JSON.
    @Test func everyByteStaysOnItsLine() throws {
        for value in 0..<0x180 as Range<UInt32> {
            let scalar = try #require(Unicode.Scalar(value))
            let line = LogLine(
                at: Self.noon, level: .info, event: "e",
                fields: [("text", .text("a\(scalar)b"))])
            for format in LogFormat.allCases {
                let bytes = line.bytes(format)
                #expect(bytes.filter { $0 < 0x20 || $0 == 0x7f } == [10])
            }
            let object = try JSONSerialization.jsonObject(with: Data(line.bytes(.json)))
            #expect((object as? [String: Any])?["text"] as? String == "a\(scalar)b")
        }
    }

    /// Long texts are cut.
    @Test func textsAreCut() {
        let line = LogLine(
            at: Self.noon, level: .info, event: "e",
            fields: [("text", .text(String(repeating: "x", count: 5000)))])
        #expect(line.bytes(.text).count < 1200)
    }

    /// Only lines that matter enough are written.
    @Test func levelsAreKept() {
        let written = Mutex<[String]>([])
        let log = Log(minimum: .warning) { line in
            written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        for level in LogLevel.allCases { log.write(level, level.rawValue, at: Self.noon) }
        let lines = written.withLock { $0 }
        #expect(lines.map { $0.contains("event=warning") } == [true, false])
        #expect(lines.map { $0.contains("event=error") } == [false, true])
    }

    /// Dates agree with another calendar over four centuries, leap days and year ends included.
    @Test func datesAgree() throws {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: 0, to: 150_000, by: 1) {
            let seconds = day * 86_400 + 86_399
            let text = CalendarText.describe(Instant(nanoseconds: UInt64(seconds) * 1_000_000_000))
            guard day % 50 == 0 || text.contains("-02-2") || text.contains("-12-31") else {
                continue
            }
            let date = Date(timeIntervalSince1970: TimeInterval(seconds))
            #expect(text == formatter.string(from: date).dropLast() + ".000Z")
        }
    }
}
