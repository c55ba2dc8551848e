// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Execution

/// VMTests: one contract's code by itself, by the rules of Homestead.
struct CodeTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool { body["exec"] != nil && body["pre"] != nil }

    func run(_ family: String, _ tally: inout Tally) {
        tally.count(family, name) { try run() }
    }

    private func run() throws {
        let state = try body.part("pre").state()
        let env = try body.part("env"), exec = try body.part("exec")
        let environment = BlockEnvironment(
            fork: .homestead, feeRecipient: try env.address("currentCoinbase"),
            number: try env.number("currentNumber"),
            timestamp: try env.number("currentTimestamp"),
            gasLimit: try env.number("currentGasLimit"),
            difficulty: try env.word("currentDifficulty"))
        for number in environment.number - min(environment.number, 256)..<environment.number {
            state.blockHashes[number] = UInt256(Keccak256.hash(Array(String(number).utf8)))
        }
        let block = BlockState(base: state)
        let outcome = try TransactionExecutor(state: block, environment: environment).runCode(
            of: try exec.address("address"), caller: try exec.address("caller"),
            origin: try exec.address("origin"), gasPrice: try exec.word("gasPrice"),
            value: try exec.word("value"), input: try exec.bytes("data"),
            gas: try exec.number("gas"))
        guard let post = body["post"] else {
            guard !outcome.succeeded else { throw UnreadableTest("should fail") }
            return
        }
        guard outcome.succeeded else { throw UnreadableTest("should end well") }
        state.apply(block.takeChanges())
        var writer = RLPWriter()
        writer.list { list in
            for log in outcome.logs { log.write(to: &list) }
        }
        guard outcome.gasLeft == (try body.number("gas")),
            outcome.output == (try body.bytes("out"))
        else { throw UnreadableTest("other gas or output") }
        guard Keccak256.hash(writer.bytes) == (try body.digest("logs")) else {
            throw UnreadableTest("other logs")
        }
        let expected = try post.state()
        for address in expected.addresses {
            guard expected.account(address) == state.account(address),
                expected.storageRoot(address) == state.storageRoot(address)
            else { throw UnreadableTest("another account \(address)") }
        }
    }
}
