// SPDX-License-Identifier: Apache-2.0

import Console
import RPC
import Testing
import quadrat

/// What `top` draws, and what `status` and `top` say when nobody answers.
@Suite struct TopTests {
    private func node(_ text: String) throws -> JSONNode {
        try JSONParser.parse(Array(text.utf8))
    }

    private func frame() throws -> TopFrame {
        let status = try node(
            #"{"kind":"light","chain_id":"test\u001b[2J","uptime_seconds":3725,"ready":false,"#
                + #""obstacles":[{"part":"peers","reason":"no peer is connected"}],"#
                + #""local_height":50,"network_height":100,"peers":0,"squares":0,"#
                + #""sampling":{"running":true,"head":25,"now":2,"caught_up":false},"#
                + #""disk":{"used_bytes":1500,"free_bytes":2000000,"total_bytes":9},"fraud":null}"#)
        let blocks = (1...40).map {
            #"{"height":\#($0),"width":4,"wanted":16,"came":16,"peers":["a","b","a"],"#
                + #""state":"available","confidence_ppm":995262}"#
        }
        return TopFrame(
            status: status, sampling: try node("[" + blocks.joined(separator: ",") + "]"),
            blocksPerMinute: 10)
    }

    /// The picture says what the pages say, the newest block first.
    @Test func picture() throws {
        let lines = try frame().lines(columns: 80, rows: 20)
        #expect(lines.count <= 20)
        #expect(lines[0] == "quadrat light on test[2J, up 1 h 2 min")
        #expect(lines[1] == "not ready: peers: no peer is connected")
        #expect(lines[2].hasSuffix("] 50 of 100"))
        #expect(lines[2].filter { $0 == "#" }.count == lines[2].filter { $0 == "·" }.count)
        #expect(lines.contains("peers 0   squares 0   10 blocks a minute"))
        #expect(lines.contains("disk 1.5 kB used, 2.0 MB free"))
        #expect(lines.contains("      40  available  16/16   2      99.526 %"))
    }

    /// It fits every window, down to the smallest and from hostile pages.
    @Test func fitsEveryWindow() throws {
        for columns in [0, 1, 39, 40, 80, 300] {
            for rows in [0, 1, 9, 10, 24, 200] {
                let lines = try frame().lines(columns: columns, rows: rows)
                #expect(lines.count <= max(rows, TopFrame.rowsMin))
                #expect(lines.allSatisfy { $0.count <= max(columns, TopFrame.columnsMin) })
                let isPlain = lines.allSatisfy { line in
                    line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
                }
                #expect(isPlain)
            }
        }
        for text in ["null", "[]", "{}", #"{"local_height":18446744073709551615,"disk":{}}"#] {
            _ = TopFrame(status: try node(text), sampling: try node(text)).lines(
                columns: 80, rows: 24)
        }
    }

    /// A node that is not there is told of in one line, with its own exit code.
    @Test func nobodyAnswers() throws {
        let trial = try CommandTrial()
        for words in [["status"], ["top", "--once"], ["top"], ["light", "status"]] {
            #expect(trial.run(words + ["--node", "http://127.0.0.1:1"]) == .unreachable)
            #expect(trial.errors.split(separator: "\n").count == 1)
            #expect(trial.run(words + ["--help"]) == .done)
        }
    }
}
