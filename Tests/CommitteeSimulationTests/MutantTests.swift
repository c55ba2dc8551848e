// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import Foundation
import Testing

/// The table of bugs in Protocol/SIMULATIONS.md: every one that it calls noticed is.
@Suite struct MutantTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let mutant: CommitteeMutant
        let invariant: String
        let trouble: CommitteeTrouble?
        let members: Int
        let seed: UInt64

        var testDescription: String { mutant.name }

        init?(_ line: Substring) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 8, cells[1].hasPrefix("`"),
                let mutant = CommitteeMutant(name: String(cells[1].dropFirst().dropLast()))
            else { return nil }
            self.mutant = mutant
            invariant = cells[3]
            trouble = CommitteeTrouble(name: cells[4])
            members = Int(cells[5]) ?? 0
            seed = UInt64(cells[6]) ?? 0
        }
    }

    static let rows: [Row] = {
        let file = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Protocol/SIMULATIONS.md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Row($0) }
    }()

    /// The table has every mutant once, and nine in ten are noticed.
    @Test func theTableIsWhole() {
        #expect(Self.rows.map(\.mutant.name) == CommitteeMutant.all.map(\.name))
        let noticed = Self.rows.count { $0.trouble != nil }
        #expect(noticed * 10 >= 9 * CommitteeMutant.all.count)
    }

    /// The run of a row shows its bug by its invariant, and without the bug shows nothing.
    @Test(arguments: rows.filter { $0.trouble != nil })
    func itsRunNoticesIt(row: Row) throws {
        let trouble = try #require(row.trouble)
        let violation = MutantHunt.run(
            row.mutant, trouble, members: row.members, seed: row.seed)
        #expect(violation?.hasPrefix(row.invariant + ":") == true)
        let scenario = trouble.scenario(members: row.members, seed: row.seed)
        #expect(CommitteeWorld(scenario).run().violations == [])
    }
}
