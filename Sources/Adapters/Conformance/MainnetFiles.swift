// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Execution
internal import Foundation

/// Real blocks with the part of the state that they touch.
struct MainnetFiles {
    private let codes: [UInt256: ContractCode]
    private let hashes: [UInt64: UInt256]

    init(_ root: String) throws {
        var codes: [UInt256: ContractCode] = [:]
        for member in try Self.read(root + "/codes.json").members {
            let code = ContractCode(try member.value.bytes())
            guard code.hash == UInt256(hexadecimal: member.name) else {
                throw UnreadableTest("a code with another hash")
            }
            codes[code.hash] = code
        }
        self.codes = codes
        var hashes: [UInt64: UInt256] = [:]
        for member in try Self.read(root + "/block_hashes.json").members {
            guard let number = UInt64(member.name) else { throw UnreadableTest("no number") }
            hashes[number] = try member.value.word()
        }
        self.hashes = hashes
    }

    private static func read(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UnreadableTest("no \(path)")
        }
        return try JSONValue.decode([UInt8](data), limit: ConformanceRun.fileSizeLimit)
    }

    /// Runs a block's transactions and compares with its header.
    func run(_ folder: String) throws {
        let block = try Self.read(folder + "/block.json")
        let transactions = try transactions(block)
        let state = try preState(try Self.read(folder + "/pre_state.json"))
        let fork = try fork(block)
        let environment = try environment(block, fork)
        let root = MerklePatriciaTrie.root(ofList: transactions.map(\.transaction.encoding))
        guard root == (try block.digest("transactionsRoot")) else {
            throw UnreadableTest("another transactions root")
        }
        let outcome = try BlockExecutor(
            state: BlockState(base: state), environment: environment
        ).runTransactions(transactions)
        guard outcome.gasUsed == (try block.number("gasUsed")) else {
            throw UnreadableTest("other gas: \(outcome.gasUsed)")
        }
        guard outcome.bloom.bytes.array == (try block.bytes("logsBloom")) else {
            throw UnreadableTest("another bloom")
        }
        let receiptsRoot = try block.digest("receiptsRoot")
        guard fork < .byzantium || outcome.receiptsRoot == receiptsRoot else {
            throw UnreadableTest("another receipts root")
        }
    }

    func transactions(_ block: JSONValue) throws -> [RecoveredTransaction] {
        try (block["transactions"]?.elements ?? []).map(Self.transaction)
    }

    func fork(_ block: JSONValue) throws -> Hardfork {
        ForkSchedule.mainnet.fork(
            number: try block.number("number"), time: try block.number("timestamp"))
    }

    func environment(_ block: JSONValue, _ fork: Hardfork) throws -> BlockEnvironment {
        let number = try block.number("number"), time = try block.number("timestamp")
        let blobs = ForkSchedule.mainnet.blobs(number: number, time: time)
        return BlockEnvironment(
            fork: fork, feeRecipient: try block.address("miner"), number: number,
            timestamp: time, gasLimit: try block.number("gasLimit"),
            baseFee: try block["baseFeePerGas"]?.word() ?? .zero,
            difficulty: try block.word(fork >= .paris ? "mixHash" : "difficulty"),
            blobBaseFee: blobs.baseFee(excess: try block["excessBlobGas"]?.number() ?? 0),
            blobsMax: fork >= .cancun ? blobs.max : 0)
    }

    func preState(_ body: JSONValue) throws -> MemoryState {
        let state = MemoryState()
        for member in body.members {
            guard let address = Address(hexadecimal: member.name) else {
                throw UnreadableTest("not an address")
            }
            var slots: [(key: UInt256, value: UInt256)] = []
            for slot in member.value["storage"]?.members ?? [] {
                slots.append((try JSONValue.string(slot.name).word(), try slot.value.word()))
            }
            var code: [UInt8] = []
            if let hash = try member.value["code_hash"]?.word(), hash != ContractCode.emptyHash {
                guard let known = codes[hash] else { throw UnreadableTest("no code \(hash)") }
                code = known.array
            }
            state.insert(
                address, nonce: try member.value.number("nonce"),
                balance: try member.value.word("balance"), code: code, storage: slots)
        }
        state.blockHashes = hashes
        return state
    }

    /// A transaction of a JSON-RPC block; its sender is recovered and compared.
    static func transaction(_ body: JSONValue) throws -> RecoveredTransaction {
        let kindNumber = try body["type"]?.number() ?? 0
        guard let kind = Transaction.Kind(rawValue: UInt8(clamping: kindNumber)) else {
            throw UnreadableTest("type \(kindNumber)")
        }
        let v = try body.number("v")
        let isProtected = kind != .legacy || v >= 35
        let price = try body["gasPrice"]?.word() ?? .zero
        let parity = kind == .legacy ? (v + 1) & 1 : v
        var made = Transaction(
            kind: kind, chainID: isProtected ? 1 : nil, nonce: try body.number("nonce"),
            maxFeePerGas: kind.rawValue >= 2 ? try body.word("maxFeePerGas") : price,
            maxPriorityFeePerGas: kind.rawValue >= 2
                ? try body.word("maxPriorityFeePerGas") : price,
            gasLimit: try body.number("gas"),
            to: body["to"]?.text == nil ? nil : try body.address("to"),
            value: try body.word("value"), data: try body.bytes("input"),
            signature: .init(
                parity: UInt8(clamping: parity), r: try body.word("r"), s: try body.word("s")))
        for entry in kind == .legacy ? [] : body["accessList"]?.elements ?? [] {
            made.accessList.append(
                .init(
                    address: try entry.address("address"),
                    slots: try (entry["storageKeys"]?.elements ?? []).map { try $0.word() }))
        }
        if kind == .blob {
            made.maxFeePerBlobGas = try body.word("maxFeePerBlobGas")
            made.blobHashes = try (body["blobVersionedHashes"]?.elements ?? []).map {
                try $0.word()
            }
        }
        guard let recovered = RecoveredTransaction(made),
            recovered.sender == (try body.address("from"))
        else { throw UnreadableTest("another sender") }
        return recovered
    }
}
