// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Bytes of transactions (EIP-2718 envelopes; a legacy one is a bare list).
extension Transaction {
    /// Reads exactly one, as a network or a block has it.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard let first = bytes.first else {
            throw DecodeFault(.truncated(needed: 1, available: 0))
        }
        if first >= 0xc0 {
            try self.init(legacy: try RLPItem(decoding: bytes))
        } else {
            guard let kind = Kind(rawValue: first), kind != .legacy else {
                throw .malformed("transaction type \(first) is unknown", at: bytes.startIndex)
            }
            try self.init(kind, try RLPItem(decoding: bytes.dropFirst()))
        }
    }

    /// Reads exactly one.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        try self.init(decoding: bytes[...])
    }

    /// Reads one as it stands in a block's body: a list, or a string that holds an envelope.
    public init(item: RLPItem) throws(DecodeFault) {
        if item.isList {
            try self.init(legacy: item)
        } else {
            guard let first = item.content.first, first < 0xc0 else {
                throw .malformed("a transaction in a string has no type")
            }
            try self.init(decoding: item.content)
        }
    }

    private init(legacy item: RLPItem) throws(DecodeFault) {
        let fields = try item.list(limit: 9, "transaction")
        guard fields.count == 9 else { throw .malformed("a legacy transaction has 9 fields") }
        let v = try fields[6].word("v")
        guard v.isSmall else { throw .malformed("v is larger than any chain's") }
        var chainID: UInt64?
        if v.w0 >= 35 {
            chainID = (v.w0 - 35) / 2
        } else if v.w0 != 27, v.w0 != 28 {
            throw .malformed("v is neither 27, 28 nor of a chain")
        }
        let price = try fields[1].word("gas price")
        self.init(
            kind: .legacy, chainID: chainID, nonce: try fields[0].integer(UInt64.self, "nonce"),
            maxFeePerGas: price, maxPriorityFeePerGas: price,
            gasLimit: try fields[2].integer(UInt64.self, "gas limit"),
            to: try Self.recipient(fields[3]), value: try fields[4].word("value"),
            data: Array(try fields[5].string("data")),
            signature: Signature(
                parity: UInt8(truncatingIfNeeded: (v.w0 &+ 1) & 1), r: try fields[7].word("r"),
                s: try fields[8].word("s")))
    }

    private init(_ kind: Kind, _ item: RLPItem) throws(DecodeFault) {
        var fields = try item.list(limit: 14, "transaction")[...]
        let count =
            switch kind {
            case .legacy: 9
            case .accessList: 11
            case .dynamicFee: 12
            case .blob: 14
            case .setCode: 13
            }
        guard fields.count == count else {
            throw .malformed("a transaction of type \(kind.rawValue) has \(count) fields")
        }
        let chainID = try fields.removeFirst().integer(UInt64.self, "chain id")
        let nonce = try fields.removeFirst().integer(UInt64.self, "nonce")
        let tip = try fields.removeFirst().word("fee")
        let cap = kind == .accessList ? tip : try fields.removeFirst().word("fee cap")
        let gasLimit = try fields.removeFirst().integer(UInt64.self, "gas limit")
        let to = try Self.recipient(fields.removeFirst())
        if to == nil, kind == .blob || kind == .setCode {
            throw .malformed("a transaction of type \(kind.rawValue) creates nothing")
        }
        let value = try fields.removeFirst().word("value")
        let data = Array(try fields.removeFirst().string("data"))
        let accesses = try Self.accesses(fields.removeFirst())
        var blobPrice = UInt256.zero
        var blobs: [UInt256] = []
        var authorizations: [Authorization] = []
        if kind == .blob {
            blobPrice = try fields.removeFirst().word("blob fee cap")
            for hash in try fields.removeFirst().list("blob hashes") {
                blobs.append(UInt256(try hash.fixed("blob hash") as Bytes32))
            }
        } else if kind == .setCode {
            for item in try fields.removeFirst().list("authorizations") {
                authorizations.append(try Authorization(item))
            }
        }
        let signature = try Self.signature(fields, parityLimit: 1)
        self.init(
            kind: kind, chainID: chainID, nonce: nonce, maxFeePerGas: cap,
            maxPriorityFeePerGas: tip, gasLimit: gasLimit, to: to, value: value, data: data,
            signature: signature)
        accessList = accesses
        maxFeePerBlobGas = blobPrice
        blobHashes = blobs
        self.authorizations = authorizations
    }

    private static func recipient(_ item: RLPItem) throws(DecodeFault) -> Address? {
        let bytes = try item.string("recipient")
        if bytes.isEmpty { return nil }
        guard let address = Address(bytes) else { throw .malformed("a recipient has 20 bytes") }
        return address
    }

    private static func accesses(_ item: RLPItem) throws(DecodeFault) -> [AccessedAccount] {
        var accounts: [AccessedAccount] = []
        for entry in try item.list("access list") {
            let parts = try entry.list(limit: 2, "access list entry")
            guard parts.count == 2, let address = Address(try parts[0].string("address")) else {
                throw .malformed("an access list entry is an address and slots")
            }
            var slots: [UInt256] = []
            for slot in try parts[1].list("slots") {
                slots.append(UInt256(try slot.fixed("slot") as Bytes32))
            }
            accounts.append(AccessedAccount(address: address, slots: slots))
        }
        return accounts
    }

    fileprivate static func signature(
        _ fields: ArraySlice<RLPItem>, parityLimit: UInt8
    ) throws(DecodeFault) -> Signature {
        let first = fields.startIndex
        let parity = try fields[first].integer(UInt8.self, "parity")
        guard parity <= parityLimit else { throw .malformed("a parity is 0 or 1") }
        return Signature(
            parity: parity, r: try fields[first + 1].word("r"), s: try fields[first + 2].word("s"))
    }

    /// The bytes that networks carry and whose digest is the transaction's name.
    public var encoding: [UInt8] {
        var writer = RLPWriter()
        writer.list { list in
            writeFields(to: &list)
            switch kind {
            case .legacy:
                let base = chainID.map { $0 &* 2 &+ 35 } ?? 27
                list.integer(base &+ UInt64(signature.parity))
            default: list.integer(UInt64(signature.parity))
            }
            list.integer(signature.r)
            list.integer(signature.s)
        }
        return kind == .legacy ? writer.bytes : [kind.rawValue] + writer.bytes
    }

    /// The transaction's name.
    public var hash: Bytes32 { Keccak256.hash(encoding) }

    /// What the sender signs.
    public var signingHash: Bytes32 {
        var writer = RLPWriter()
        writer.list { list in
            writeFields(to: &list)
            if kind == .legacy, let chainID {
                list.integer(chainID)
                list.integer(0 as UInt64)
                list.integer(0 as UInt64)
            }
        }
        return Keccak256.hash(kind == .legacy ? writer.bytes : [kind.rawValue] + writer.bytes)
    }

    /// All but the signature.
    private func writeFields(to list: inout RLPWriter) {
        if kind != .legacy { list.integer(chainID ?? 0) }
        list.integer(nonce)
        switch kind {
        case .legacy, .accessList: list.integer(maxFeePerGas)
        default:
            list.integer(maxPriorityFeePerGas)
            list.integer(maxFeePerGas)
        }
        list.integer(gasLimit)
        list.address(to)
        list.integer(value)
        list.string(data)
        if kind == .legacy { return }
        list.list { entries in
            for entry in accessList {
                entries.list { parts in
                    parts.address(entry.address)
                    parts.list { slots in
                        for slot in entry.slots { slots.fixed(slot.bytes32) }
                    }
                }
            }
        }
        if kind == .blob {
            list.integer(maxFeePerBlobGas)
            list.list { hashes in
                for hash in blobHashes { hashes.fixed(hash.bytes32) }
            }
        } else if kind == .setCode {
            list.list { items in
                for authorization in authorizations { authorization.write(to: &items) }
            }
        }
    }
}

extension Transaction.Authorization {
    fileprivate init(_ item: RLPItem) throws(DecodeFault) {
        let fields = try item.list(limit: 6, "authorization")
        guard fields.count == 6, let address = Address(try fields[1].string("address")) else {
            throw .malformed("an authorization has six fields")
        }
        self.init(
            chainID: try fields[0].word("chain id"), address: address,
            nonce: try fields[2].integer(UInt64.self, "nonce"),
            signature: try Transaction.signature(fields[3...], parityLimit: .max))
    }

    fileprivate func write(to list: inout RLPWriter) {
        list.list { fields in
            fields.integer(chainID)
            fields.address(address)
            fields.integer(nonce)
            fields.integer(UInt64(signature.parity))
            fields.integer(signature.r)
            fields.integer(signature.s)
        }
    }

    /// What the account signs: a byte of its own, so that it is nothing else by accident.
    var signingHash: Bytes32 {
        var writer = RLPWriter()
        writer.list { list in
            list.integer(chainID)
            list.address(address)
            list.integer(nonce)
        }
        return Keccak256.hash([0x05] + writer.bytes)
    }
}
