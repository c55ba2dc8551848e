// SPDX-License-Identifier: Apache-2.0

import Bytes
import Execution
import Testing

/// Rules of headers and blocks.
@Suite struct BlockRuleTests {
    /// The examples of EIP-4844's price function.
    @Test func blobPrices() {
        let known: [(UInt64, UInt64)] = [
            (0, 1), (2_314_057, 1), (2_314_058, 2), (10 * 1024 * 1024, 23),
        ]
        for (excess, price) in known {
            #expect(BlobSchedule.cancun.baseFee(excess: excess) == UInt256(price))
        }
        #expect(BlobSchedule.cancun.baseFee(excess: .max) == .max)
    }

    /// An eighth up at most, an eighth down at most, by at least one upwards (EIP-1559).
    @Test func baseFees() {
        let rules = HeaderRules(ForkSchedule(always: .london))
        var parent = ExecutionHeader()
        #expect(rules.baseFee(after: parent) == UInt256(1_000_000_000))
        parent.gasLimit = 20_000_000
        parent.baseFeePerGas = UInt256(1_000_000_000)
        for (used, fee) in [
            (10_000_000 as UInt64, 1_000_000_000 as UInt64), (9_000_000, 987_500_000),
            (11_000_000, 1_012_500_000), (20_000_000, 1_125_000_000), (0, 875_000_000),
        ] {
            parent.gasUsed = used
            #expect(rules.baseFee(after: parent) == UInt256(fee))
        }
        parent.baseFeePerGas = .one
        parent.gasUsed = 10_000_001
        #expect(rules.baseFee(after: parent) == UInt256(2))
    }

    /// The main network's forks begin where they began.
    @Test func mainNetworkForks() {
        let schedule = ForkSchedule.mainnet
        let starts: [(UInt64, Hardfork)] = [
            (1_150_000, .homestead), (2_463_000, .tangerineWhistle),
            (2_675_000, .spuriousDragon), (4_370_000, .byzantium), (7_280_000, .petersburg),
            (9_069_000, .istanbul), (12_244_000, .berlin), (12_965_000, .london),
            (15_537_394, .paris),
        ]
        for (number, fork) in starts {
            #expect(schedule.fork(number: number, time: 0) == fork)
            #expect(schedule.fork(number: number - 1, time: 0) < fork)
        }
        #expect(schedule.fork(number: 20_000_000, time: 1_710_338_135) == .cancun)
        #expect(schedule.fork(number: 20_000_000, time: 1_710_338_134) == .shanghai)
        #expect(schedule.blobs(number: 24_000_000, time: 1_767_747_671) == .second)
    }

    /// Withdrawals pay gwei; since Prague a block without the contracts of requests is none.
    @Test func withdrawalsAndRequests() throws {
        var item = RLPWriter()
        item.list { list in
            list.integer(1 as UInt64)
            list.integer(2 as UInt64)
            list.address(Address(0xdd))
            list.integer(3 as UInt64)
        }
        let withdrawal = try Withdrawal(try RLPItem(decoding: item.bytes))
        #expect(withdrawal.encoding == item.bytes)
        let header = ExecutionHeader()
        var writer = RLPWriter()
        writer.list { list in
            header.write(to: &list)
            list.list { _ in }
            list.list { _ in }
            list.list { $0.raw(item.bytes) }
        }
        let block = try ExecutionBlock(decoding: writer.bytes)
        #expect(block.encoding == writer.bytes)
        for fork in [Hardfork.shanghai, .prague] {
            let state = MemoryState()
            let overlay = BlockState(base: state)
            let executor = BlockExecutor(
                state: overlay, environment: MachineTests.environment(fork))
            if fork >= .prague {
                #expect(throws: BlockFault.self) { try executor.run(block, senders: []) }
            } else {
                #expect(try executor.run(block, senders: []).gasUsed == 0)
                state.apply(overlay.takeChanges())
                let paid = UInt256(3_000_000_000)
                #expect(state.account(Address(0xdd))?.balance == paid)
            }
        }
    }
}
