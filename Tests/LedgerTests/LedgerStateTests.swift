// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import StateTree
import TestSupport
import Testing

/// The state's root and bytes.
@Suite struct LedgerStateTests {
    /// The root is the one that the text of the format gives, computed here from the accounts.
    @Test func rootByDefinition() throws {
        let ledger = try LedgerExample()
        var entries: [StateEntry] = []
        for account in ledger.state.accounts {
            entries.append(
                StateEntry(key: [0x60] + account.address.bytes.array, value: account.encode()))
        }
        var totals: [UInt8] = []
        for number in [0, 3, 3] as [UInt64] { totals.append(bigEndian: number) }
        entries.append(StateEntry(key: [0x61], value: totals))
        #expect(entries.count == 4)
        #expect(ledger.state.hash == StateTreeDefinition.root(of: entries))
        #expect(LedgerState().hash != StateTree.emptyRoot)
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
        let state = try LedgerState(genesis)
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
        for (place, value) in [(0, 0xff), (7, 3), (7, 5)] as [(Int, UInt8)] {
            var other = bytes
            other[place] = value
            #expect(throws: DecodeFault.self) { try LedgerState.decode(other) }
        }
        // An account: key behind 1, address and number behind 22 + 1, balance in the last 8 of 44.
        let account = 1 + 21 + 1 + 44
        let swapped =
            bytes[..<8] + bytes[8 + account..<8 + 2 * account] + bytes[8..<8 + account]
            + bytes[(8 + 2 * account)...]
        #expect(swapped.count == bytes.count)
        #expect(throws: DecodeFault.self) { try LedgerState.decode(Array(swapped)) }
        // Another kind, another's address, a number that is not given yet, and too many coins.
        for place in [8 + 1, 8 + 23, 8 + 23 + 20, 8 + account - 8] {
            var other = bytes
            other[place] = 0xff
            if place == 8 + account - 8 { other[place + account] = 0xff }
            #expect(throws: DecodeFault.self, "\(place)") { try LedgerState.decode(other) }
        }
        for place in bytes.count - 24..<bytes.count {
            var other = bytes
            other[place] ^= 0xff
            // Only the fees and later numbers may be others.
            let isFees = place < bytes.count - 16
            let isNumber = (bytes.count - 16..<bytes.count - 8).contains(place)
            #expect((try? LedgerState.decode(other)) == nil || isFees || isNumber)
        }
    }

    /// What blocks change, put one upon the other, is the state, and a block changes what it touches.
    @Test func changesAreTheState() throws {
        var ledger = try LedgerExample()
        var kept: [[UInt8]: [UInt8]] = [:]
        for entry in ledger.state.entries { kept[entry.key] = entry.value }
        for height in 1...20 as ClosedRange<UInt64> {
            let recipient = AccountAddress(Bytes20(repeating: UInt8(height / 2)))
            let read = try LedgerExample.transition.read(
                ledger.signers[0].send(1, to: recipient, sequence: height - 1).encode())
            _ = try LedgerExample.transition.apply(
                block: [read], to: &ledger.state, height: Height(height))
            // Sender, recipient and totals.
            #expect(ledger.state.changes.count == 3)
            for entry in ledger.state.changes { kept[entry.key] = entry.value }
            let entries = kept.keys.sorted { $0.lexicographicallyPrecedes($1) }.map {
                LedgerEntry(key: $0, value: kept[$0])
            }
            #expect(try LedgerState(entries).hash == ledger.state.hash)
            #expect(entries == ledger.state.entries)
        }
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
        let state = try LedgerState(genesis)
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
            let wire = proof.protobuf
            for place in wire.indices {
                var altered = wire
                altered[place] ^= 1
                guard let other = try? AccountProof(protobuf: altered) else { continue }
                #expect(other.verify(address, appHash: root) == nil, "byte \(place)")
            }
        }
        let empty = AccountAddress(Bytes20(repeating: 0x99))
        #expect(state.proof(of: empty).verify(empty, appHash: root) == .absent)
        #expect(state.proof(of: empty).verify(addresses[0], appHash: root) == nil)
    }
}
