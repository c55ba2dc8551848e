// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Testing

/// What a chain begins with, as text and back.
@Suite struct GenesisTests {
    static func example() throws -> Genesis {
        Genesis(
            chainID: "quadrat-test", time: try ChainExamples.time(1_700_000_000),
            validatorSet: try ChainExamples.set([1: 10, 2: 20]),
            minimumGasPrice: GasPrice(millionths: 4000),
            accounts: [
                GenesisAccount(address: Bytes20(repeating: 3), balance: .max - 5),
                GenesisAccount(address: Bytes20(repeating: 2), balance: 5),
            ])
    }

    /// The text survives, in the same bytes, whatever blanks stand in it.
    @Test func textSurvives() throws {
        let genesis = try Self.example()
        let text = genesis.encode()
        let copy = try Genesis.decode(text)
        #expect(copy == genesis)
        #expect(copy.encode() == text && copy.hash == genesis.hash)
        let dense = try JSONValue.decode(text, limit: text.count).encode()
        #expect(try Genesis.decode(dense) == genesis)
        #expect(genesis.supply == .max && genesis.fault == nil)
    }

    /// A text with one thing wrong is refused, and so are half texts.
    @Test func hostileTexts() throws {
        let text = String(decoding: try Self.example().encode(), as: UTF8.self)
        let changes = [
            ("\"quadrat-test\"", "\"\""), ("\"app\": \"9\"", "\"app\": \"11\""),
            ("\"app\": \"9\"", "\"app\": \"nine\""), ("\"256\"", "\"255\""),
            ("\"utia\"", "\"u/tia\""),
            ("\"bech32_prefix\": \"celestia\"", "\"bech32_prefix\": \"x\""),
            ("\"power\": \"10\"", "\"power\": \"0\""), ("\"power\": \"10\"", "\"power\": \"-1\""),
            ("\"balance\": \"5\"", "\"balance\": \"6\""),
            ("\"balance\": \"5\"", "\"balance\": 0.5"),
            ("\"initial_height\": \"1\"", "\"initial_height\": \"2\""),
            ("2023-11-14T22:13:20Z", "2023-02-30T22:13:20Z"), ("PubKeyEd25519", "PubKeyOther"),
            ("0.004", "0.0000001"), ("\"validators\"", "\"others\""),
        ]
        for (old, new) in changes {
            let changed = text.replacing(old, with: new)
            #expect(changed != text, "\(old)")
            #expect(throws: DecodeFault.self, "\(old)") { try Genesis.decode(Array(changed.utf8)) }
        }
        for count in stride(from: 0, to: text.utf8.count - 2, by: 7) {
            #expect(throws: DecodeFault.self) { try Genesis.decode(Array(text.utf8.prefix(count))) }
        }
    }

    /// Prices are exact decimals, and fees are rounded up.
    @Test func gasPrices() throws {
        for (text, millionths) in [
            ("0.000001", 1), ("0.004", 4000), ("1", 1_000_000), ("2.5", 2_500_000),
        ]
            as [(String, UInt64)]
        {
            #expect(try GasPrice(text: text) == GasPrice(millionths: millionths))
            #expect(GasPrice(millionths: millionths).description == text)
        }
        for text in ["", ".", "1.", ".5", "-1", "0.0000001", "1e3", "18446744073710"] {
            #expect(throws: DecodeFault.self, "\(text)") { try GasPrice(text: text) }
        }
        #expect(GasPrice(millionths: 4000).fee(forGas: 79_796) == 320)
        #expect(GasPrice(millionths: 1).fee(forGas: 1) == 1)
        #expect(GasPrice(millionths: .max).fee(forGas: .max) == .max)
        #expect(GasPrice(millionths: 1_000_000).fee(forGas: .max) == .max)
    }
}
