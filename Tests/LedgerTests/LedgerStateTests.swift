// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import TestSupport
import Testing

/// The state's root and bytes.
@Suite struct LedgerStateTests {
    /// The root is the one that the text of the format gives, computed here from the accounts.
    @Test func rootByDefinition() throws {
        let ledger = try LedgerExample()
        var buckets = [[[UInt8]]](repeating: [], count: LedgerState.bucketCount)
        for account in ledger.state.accounts.sorted(by: { $0.address < $1.address }) {
            let bucket = Int(account.address.bytes[0]) * 4 + Int(account.address.bytes[1]) / 64
            buckets[bucket].append(account.encode())
        }
        var totals = Array("QDR1/ledger\0".utf8)
        totals.append(bigEndian: UInt64(0))
        totals.append(bigEndian: UInt64(3))
        let root = MerkleTree.root([totals] + buckets.map { MerkleTree.root($0).array })
        #expect(ledger.state.hash == root)
    }

    /// Many accounts are found, kept in order, and survive as bytes.
    @Test func manyAccounts() throws {
        var genesis = Genesis(
            chainID: "many", time: .zero,
            validatorSet: try ValidatorSet([
                Validator(
                    key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
            ]))
        let stream = DeterministicBytes.make(seed: "accounts", count: 20 * 3000)
        for index in 0..<3000 {
            genesis.accounts.append(
                GenesisAccount(
                    address: try Bytes20(decoding: stream[index * 20..<index * 20 + 20]),
                    balance: UInt64(index)))
        }
        let state = LedgerState(genesis)
        #expect(state.accountCount == 3000 && state.supply == 3000 * 2999 / 2)
        let order = state.accounts.map(\.address)
        #expect(order == order.sorted())
        for (index, account) in genesis.accounts.enumerated() {
            let found = try #require(state.account(AccountAddress(account.address)))
            #expect(found.number == UInt64(index) && found.balance == UInt64(index))
        }
        let copy = try LedgerState.decode(state.encode())
        #expect(copy.hash == state.hash && copy.encode() == state.encode())
        #expect(state.account(AccountAddress(Bytes20())) == nil)
    }

    /// Bytes that are no state are refused.
    @Test func hostileBytes() throws {
        let bytes = try LedgerExample().state.encode()
        for count in 0..<bytes.count {
            #expect(throws: DecodeFault.self) { try LedgerState.decode(Array(bytes.prefix(count))) }
        }
        #expect(throws: DecodeFault.self) { try LedgerState.decode(bytes + [0]) }
        var huge = bytes
        for index in 16..<24 { huge[index] = 0xff }
        #expect(throws: DecodeFault.self) { try LedgerState.decode(huge) }
        var rich = bytes
        for index in 0..<8 { rich[index] = 0xff }
        #expect(throws: DecodeFault.self) { try LedgerState.decode(rich) }
        let swapped = Array(bytes[..<24] + bytes[69..<114] + bytes[24..<69] + bytes[114...])
        #expect(swapped.count == bytes.count)
        #expect(throws: DecodeFault.self) { try LedgerState.decode(swapped) }
    }

    /// Addresses as text: the chain's prefix and exactly 20 bytes.
    @Test func addresses() throws {
        let address = AccountAddress(Bytes20(repeating: 0xab))
        let text = address.bech32(prefix: "celestia")
        #expect(try AccountAddress(bech32: text, prefix: "celestia") == address)
        #expect(throws: DecodeFault.self) { try AccountAddress(bech32: text, prefix: "cosmos") }
        let short = Bech32.encode(prefix: "celestia", [1, 2, 3])
        #expect(throws: DecodeFault.self) { try AccountAddress(bech32: short, prefix: "celestia") }
    }

    /// Every account is proven, every other address is proven absent, and no proof shows more.
    @Test func accountProofs() throws {
        var genesis = Genesis(
            chainID: "proofs", time: .zero,
            validatorSet: try ValidatorSet([
                Validator(
                    key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
            ]))
        var addresses: [AccountAddress] = []
        for last in stride(from: 2, through: 14, by: 2) as StrideThrough<UInt8> {
            var bytes = Bytes20(repeating: 0x41)
            bytes[19] = last
            addresses.append(AccountAddress(bytes))
            genesis.accounts.append(GenesisAccount(address: bytes, balance: UInt64(last)))
        }
        let state = LedgerState(genesis)
        let root = state.hash
        for last in 0...16 as ClosedRange<UInt8> {
            var bytes = Bytes20(repeating: 0x41)
            bytes[19] = last
            let address = AccountAddress(bytes)
            let proof = state.proof(of: address)
            #expect(try AccountProof(protobuf: proof.protobuf) == proof)
            let verdict = proof.verify(address, appHash: root)
            if let account = state.account(address) {
                #expect(verdict == .account(account))
            } else {
                #expect(verdict == .absent)
            }
            #expect(proof.verify(address, appHash: Bytes32()) == nil)
            for other in addresses where other != address {
                let said = proof.verify(other, appHash: root)
                #expect(said == nil || said == state.account(other).map { .account($0) })
            }
            for change in 0..<proof.accounts.count {
                var altered = proof
                altered.accounts[change].account.balance += 1
                #expect(altered.verify(address, appHash: root) == nil)
                altered = proof
                altered.accounts[change].proof.index += 1
                #expect(altered.verify(address, appHash: root) == nil)
                altered = proof
                altered.accounts.remove(at: change)
                #expect(altered.verify(address, appHash: root) == nil)
            }
        }
        let empty = AccountAddress(Bytes20(repeating: 0x99))
        #expect(state.proof(of: empty).verify(empty, appHash: root) == .absent)
        #expect(state.proof(of: empty).verify(addresses[0], appHash: root) == nil)
    }
}
