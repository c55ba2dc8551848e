// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Execution
internal import Foundation

/// One test of a file, made ready so that its execution alone can be timed again and again.
///
/// Reading the file, recovering senders and computing roots are not part of `execute`.
package struct TimedExecution {
    private let state: MemoryState
    private let environment: BlockEnvironment
    private let transactions: [RecoveredTransaction]
    /// Gas that the file says it takes; 0 where it does not say.
    package let expectedGas: UInt64

    /// Makes the first case of a state test's file ready, or the block of a folder.
    package init(path: String) throws {
        if path.hasSuffix(".json") {
            let document = try Self.read(path)
            guard let test = document.members.first?.value, StateTest.isOne(test),
                let fork = test["post"]?.members.first, let post = fork.value.elements?.first
            else { throw UnreadableTest("no state test in \(path)") }
            let made = try StateTest(name: path, body: test).prepare(fork.name, post)
            state = try test.part("pre").state()
            environment = made.environment
            transactions = [made.transaction]
            expectedGas = try test["_info"]?["expectedGasUsed"]?.number() ?? 0
        } else {
            let folder = path.split(separator: "/", omittingEmptySubsequences: false)
            let files = try MainnetFiles(folder.dropLast().joined(separator: "/"))
            let block = try Self.read(path + "/block.json")
            state = try files.preState(try Self.read(path + "/pre_state.json"))
            let fork = try files.fork(block)
            environment = try files.environment(block, fork)
            transactions = try files.transactions(block)
            expectedGas = try block.number("gasUsed")
        }
    }

    private static func read(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UnreadableTest("no \(path)")
        }
        return try JSONValue.decode([UInt8](data), limit: ConformanceRun.fileSizeLimit)
    }

    /// How many transactions there are.
    package var count: Int { transactions.count }

    /// Runs all transactions on a fresh view of the state; the gas that they used.
    package func execute() throws -> UInt64 {
        let executor = BlockExecutor(
            state: BlockState(base: state), environment: environment)
        return try executor.runTransactions(transactions).gasUsed
    }
}
