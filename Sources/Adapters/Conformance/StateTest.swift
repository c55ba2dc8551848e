// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Execution

/// GeneralStateTests: one transaction on a state, for each fork and choice of data, gas and value.
struct StateTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool {
        body["pre"] != nil && body["post"] != nil && body["transaction"] != nil
    }

    func run(_ family: String, _ tally: inout Tally) {
        for fork in body["post"]?.members ?? [] {
            for (index, post) in (fork.value.elements ?? []).enumerated() {
                var failure: String?
                do {
                    try runCase(try ForkName.fork(fork.name), fork.name, post)
                } catch let error as UnreadableTest {
                    failure = error.what
                } catch { failure = "\(error)" }
                tally.count(family, "\(name) \(fork.name) \(index)", failure: failure)
            }
        }
    }

    private func runCase(_ fork: Hardfork, _ forkName: String, _ post: JSONValue) throws {
        let state = try body.part("pre").state()
        let isRefused = post["expectException"] != nil
        var logs: [Log] = []
        do {
            let recovered = try transaction(post)
            let environment = try environment(fork, forkName)
            try recovered.transaction.check(fork, chainID: 1)
            let block = BlockState(base: state)
            let executor = TransactionExecutor(state: block, environment: environment)
            let outcome = try executor.execute(
                recovered, gasLeft: environment.gasLimit,
                blobGasLeft: environment.blobsMax * Transaction.gasPerBlob)
            logs = outcome.logs
            state.apply(block.takeChanges())
            if isRefused { throw UnreadableTest("the transaction should be refused") }
        } catch let fault as TransactionFault {
            if case .missingPrecompile = fault { throw fault }
            guard isRefused else { throw fault }
        } catch let fault as DecodeFault {
            guard isRefused else { throw fault }
        }
        var writer = RLPWriter()
        writer.list { list in
            for log in logs { log.write(to: &list) }
        }
        guard state.rootHash() == (try post.digest("hash")) else {
            throw UnreadableTest("another state root")
        }
        guard Keccak256.hash(writer.bytes) == (try post.digest("logs")) else {
            throw UnreadableTest("other logs")
        }
    }

    /// What a case runs, and in which block.
    func prepare(
        _ forkName: String, _ post: JSONValue
    ) throws -> (transaction: RecoveredTransaction, environment: BlockEnvironment) {
        (try transaction(post), try environment(try ForkName.fork(forkName), forkName))
    }

    private func environment(_ fork: Hardfork, _ forkName: String) throws -> BlockEnvironment {
        let env = try body.part("env")
        var schedule = BlobSchedule.of(fork)
        if let given = body["config"]?["blobSchedule"]?[forkName] {
            schedule = BlobSchedule(
                target: try given.number("target"), max: try given.number("max"),
                updateFraction: try given.number("baseFeeUpdateFraction"))
        }
        let excess = try env["currentExcessBlobGas"]?.number() ?? 0
        let random = fork >= .paris ? try env["currentRandom"]?.word() : nil
        return BlockEnvironment(
            fork: fork, feeRecipient: try env.address("currentCoinbase"),
            number: try env.number("currentNumber"),
            timestamp: try env.number("currentTimestamp"),
            gasLimit: try env.number("currentGasLimit"),
            baseFee: fork >= .london ? try env["currentBaseFee"]?.word() ?? .zero : .zero,
            difficulty: try random ?? env["currentDifficulty"]?.word() ?? .zero,
            blobBaseFee: fork >= .cancun ? schedule.baseFee(excess: excess) : .zero,
            blobsMax: fork >= .cancun ? schedule.max : 0)
    }

    /// From its bytes where the test has them, otherwise from its fields.
    private func transaction(_ post: JSONValue) throws -> RecoveredTransaction {
        if let bytes = try post["txbytes"]?.bytes(), !bytes.isEmpty {
            let decoded = try Transaction(decoding: bytes)
            guard let recovered = RecoveredTransaction(decoded) else {
                throw TransactionFault.signature
            }
            if let sender = body["transaction"]?["sender"]?.text,
                Address(hexadecimal: sender) != recovered.sender
            {
                throw UnreadableTest("another sender")
            }
            return recovered
        }
        let fields = try body.part("transaction")
        let indexes = try post.part("indexes")
        func choice(_ list: String, _ index: String) throws -> JSONValue {
            let elements = try fields.part(list).elements ?? []
            let number = Int(try indexes.number(index))
            guard number < elements.count else { throw UnreadableTest("index of \(list)") }
            return elements[number]
        }
        let price = try fields["gasPrice"]?.word() ?? fields.word("maxFeePerGas")
        let to = try fields.string("to")
        var made = Transaction(
            kind: .legacy, chainID: nil, nonce: try fields.number("nonce"), maxFeePerGas: price,
            maxPriorityFeePerGas: try fields["maxPriorityFeePerGas"]?.word() ?? price,
            gasLimit: try choice("gasLimit", "gas").number(),
            to: to.isEmpty ? nil : try fields.address("to"),
            value: try choice("value", "value").word(), data: try choice("data", "data").bytes(),
            signature: .init(parity: 0, r: .one, s: .one))
        if fields["maxFeePerGas"] != nil { made.kind = .dynamicFee }
        if fields["accessLists"] != nil {
            if made.kind == .legacy { made.kind = .accessList }
            for entry in try choice("accessLists", "data").elements ?? [] {
                made.accessList.append(
                    .init(
                        address: try entry.address("address"),
                        slots: try (entry["storageKeys"]?.elements ?? []).map { try $0.word() }))
            }
        }
        return RecoveredTransaction(unsigned: made, sender: try sender(fields))
    }

    private func sender(_ fields: JSONValue) throws -> Address {
        if fields["sender"] != nil { return try fields.address("sender") }
        guard let secret = Bytes32(try fields.bytes("secretKey")),
            let key = Secp256k1PrivateKey(bytes: secret),
            let point = key.publicKey.uncompressed
        else { throw UnreadableTest("no sender") }
        return Address(UInt256(Keccak256.hash(point.array)))
    }
}
