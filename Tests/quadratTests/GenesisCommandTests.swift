// SPDX-License-Identifier: Apache-2.0

import Console
import Foundation
import Testing

@Suite struct GenesisCommandTests {
    /// The public key of a validator and the address of its operator, made anew.
    private static func member(_ name: String, _ trial: CommandTrial) throws -> String {
        #expect(trial.run("key", "create", "\(name)-key", "--for", "validator") == .done)
        let key = try #require(field("public", trial.output))
        #expect(trial.run("key", "create", "\(name)-operator") == .done)
        return key + ":" + (try #require(field("address", trial.output)))
    }

    private static func field(_ name: String, _ text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(name) }
            .map { $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces) }
    }

    /// Several validators with names and unequal stakes; the text can be read again and says so.
    @Test func severalValidators() throws {
        let trial = try CommandTrial()
        let one = try Self.member("one", trial)
        let two = try Self.member("two", trial)
        let other = try Self.member("other", trial)
        let address = try #require(other.split(separator: ":").last)
        let path = trial.file("genesis.json")
        let made = trial.run(
            "genesis", "create", "--chain", "many", "--validator", "\(one):5000000:north",
            "--validator", "\(two):3000000", "--account", "\(address):77", "--spare", "1000",
            "--epoch", "20", "--time", "2026-01-01T00:00:00Z", "-o", path)
        #expect(made == .done, "\(trial.errors)")
        #expect(trial.output.contains("supply      8002077 utia in 3 accounts"))
        #expect(trial.output.contains("epochs      20 blocks"))
        #expect(trial.output.contains("5000000  north"))
        #expect(trial.run("genesis", "check", path) == .done)
        #expect(trial.run("genesis", "check", path, "--json") == .done)
        #expect(trial.output.contains("\"validators\":2"))
        #expect(trial.output.contains("\"epoch_blocks\":\"20\""))
    }

    /// What begins no chain is refused with a reason.
    @Test func refusals() throws {
        let trial = try CommandTrial()
        let one = try Self.member("one", trial)
        func create(_ arguments: String...) -> Int32 {
            trial.run(["genesis", "create", "--chain", "c"] + arguments).rawValue
        }
        #expect(create() == 2)
        #expect(create("--validator", "\(one):999999") == 1)
        #expect(trial.errors.contains("self"))
        #expect(create("--validator", "\(one):lots") == 2)
        #expect(create("--validator", "00:\(one):5") == 2)
        #expect(
            create("--validator", "\(one):5000000", "--validator", "\(one):5000000") != 0)
        let address = one.split(separator: ":")[1]
        #expect(
            create("--validator", "\(one):5000000", "--account", "\(address):4999999") == 1)
        #expect(create("--validator", "\(one):5000000", "--square", "3") == 1)
        #expect(trial.run("genesis", "create", "--validator", "\(one):5000000") == .usage)
        let path = try trial.write("broken", Array("{}".utf8))
        #expect(trial.run("genesis", "check", path) == .failed)
    }
}
