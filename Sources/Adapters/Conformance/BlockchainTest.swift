// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Execution

/// BlockchainTests: blocks that are imported one after another, valid and invalid ones.
struct BlockchainTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool {
        body["blocks"] != nil && body["genesisBlockHeader"] != nil
    }

    func run(_ family: String, _ tally: inout Tally) {
        var failure: String?
        do {
            try run()
        } catch let error as UnreadableTest {
            failure = error.what
        } catch { failure = "\(error)" }
        tally.count(family, name, failure: failure)
    }

    private func run() throws {
        let genesis: ExecutionHeader
        let parts = try RLPItem(decoding: try body.bytes("genesisRLP")).list(limit: 4)
        guard let first = parts.first else { throw UnreadableTest("no genesis") }
        genesis = try ExecutionHeader(first)
        let state = try body.part("pre").state()
        guard state.rootHash() == genesis.stateRoot else {
            throw UnreadableTest("another genesis root")
        }
        let chain = ImportedChain(
            genesis: genesis, state: state, schedule: try NetworkName.schedule(body))
        for (index, block) in (body["blocks"]?.elements ?? []).enumerated() {
            let isRefused = block.members.contains { $0.name.hasPrefix("expectException") }
            do {
                let decoded = try ExecutionBlock(decoding: try block.bytes("rlp"))
                try chain.insert(decoded)
                if isRefused { throw UnreadableTest("block \(index) should be refused") }
            } catch let fault as BlockFault {
                if case .transaction(_, .missingPrecompile) = fault { throw fault }
                guard isRefused else { throw UnreadableTest("block \(index): \(fault)") }
            } catch let fault as DecodeFault {
                guard isRefused else { throw UnreadableTest("block \(index): \(fault)") }
            }
        }
        guard chain.head.header.hash == (try body.digest("lastblockhash")) else {
            throw UnreadableTest("another head")
        }
        if let post = body["postState"] {
            guard try post.state().rootHash() == chain.head.state.rootHash() else {
                throw UnreadableTest("another state in the end")
            }
        } else if body["postStateHash"] != nil {
            guard try body.digest("postStateHash") == chain.head.state.rootHash() else {
                throw UnreadableTest("another state in the end")
            }
        }
    }
}

/// Schedules of forks by the names that tests give them.
enum NetworkName {
    static func schedule(_ body: JSONValue) throws -> ForkSchedule {
        let name = try body.string("network")
        var schedule = try forks(name)
        for member in body["config"]?["blobSchedule"]?.members ?? [] {
            guard let fork = ForkName.forks[member.name] else { continue }
            let blobs = BlobSchedule(
                target: try member.value.number("target"), max: try member.value.number("max"),
                updateFraction: try member.value.number("baseFeeUpdateFraction"))
            if fork <= schedule.first {
                schedule.blobSchedules.append((.block(0), blobs))
            } else if let step = schedule.steps.first(where: { $0.fork == fork }) {
                schedule.blobSchedules.append((step.start, blobs))
            }
        }
        return schedule
    }

    private static func forks(_ name: String) throws -> ForkSchedule {
        if let fork = ForkName.forks[name] { return ForkSchedule(always: fork) }
        if name == "ArrowGlacierToParisAtDiffC0000" {
            var schedule = ForkSchedule(
                .london, then: [(.totalDifficulty(UInt256(0xc0000)), .paris)])
            schedule.bombDelays = [(.block(0), 10_700_000)]
            return schedule
        }
        if name == "HomesteadToDaoAt5" {
            var schedule = ForkSchedule(always: .homestead)
            schedule.daoBlock = 5
            return schedule
        }
        for (mark, start) in [
            ("AtTime15k", ForkSchedule.Start.time(15000)), ("At5", .block(5)),
        ] where name.hasSuffix(mark) {
            let pair = String(name.dropLast(mark.count)).split(separator: "To")
            guard pair.count == 2 else { break }
            return ForkSchedule(
                try ForkName.fork(String(pair[0])),
                then: [(start, try ForkName.fork(String(pair[1])))])
        }
        throw UnreadableTest("unknown network \(name)")
    }
}
