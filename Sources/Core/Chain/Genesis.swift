// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
internal import DataSquare

/// An account that a chain begins with.
public struct GenesisAccount: Hashable, Sendable {
    /// Whose it is.
    public var address: Bytes20
    /// What it holds, in the smallest coin.
    public var balance: UInt64

    /// Names a holding.
    public init(address: Bytes20, balance: UInt64) {
        self.address = address
        self.balance = balance
    }
}

/// What all nodes of a chain agree on before its first block.
public struct Genesis: Hashable, Sendable {
    /// The largest text that is read, in bytes.
    public static let sizeLimit = 16 << 20
    /// The most accounts that a chain can begin with.
    public static let accountLimit = 100_000

    /// The chain's name, which every signature covers.
    public var chainID: String
    /// The time before which no block may be.
    public var time: Timestamp
    /// The version of the state machine.
    public var appVersion: UInt64
    /// What the headers' `consensusHash` covers.
    public var consensusParameters: ConsensusParameters
    /// The first committee.
    public var validatorSet: ValidatorSet
    /// The widest original square, a power of two.
    public var squareSizeMax: Int
    /// The name of the smallest coin.
    public var denom: String
    /// What account addresses begin with.
    public var addressPrefix: String
    /// The least price that a transaction may pay.
    public var minimumGasPrice: GasPrice
    /// The first accounts, numbered from 0 in this order.
    public var accounts: [GenesisAccount]
    /// Who has staked what; nil on a chain without staking.
    public var staking: GenesisStaking?

    /// Takes all parts; Celestia's values where nothing is said.
    public init(
        chainID: String, time: Timestamp, appVersion: UInt64 = 9,
        consensusParameters: ConsensusParameters = ConsensusParameters(
            blockMaxBytes: 32 << 20, blockMaxGas: -1),
        validatorSet: ValidatorSet, squareSizeMax: Int = 256, denom: String = "utia",
        addressPrefix: String = "celestia", minimumGasPrice: GasPrice = .networkMinimum,
        accounts: [GenesisAccount] = [], staking: GenesisStaking? = nil
    ) {
        self.chainID = chainID
        self.time = time
        self.appVersion = appVersion
        self.consensusParameters = consensusParameters
        self.validatorSet = validatorSet
        self.squareSizeMax = squareSizeMax
        self.denom = denom
        self.addressPrefix = addressPrefix
        self.minimumGasPrice = minimumGasPrice
        self.accounts = accounts
        self.staking = staking
    }

    /// SHA-256 of the text: the name of exactly this beginning.
    public var hash: Bytes32 { SHA256.hash(encode()) }

    /// The first fault that keeps this from being a chain's beginning, or nil.
    public var fault: DecodeFault? {
        let rules: [(Bool, String)] = [
            (!chainID.isEmpty && chainID.utf8.count <= BlockHeader.chainIDLimit, "chain_id"),
            ((1...ExtendedHeader.appVersionLimit).contains(appVersion), "app version"),
            (SquareSize.isValid(squareSizeMax), "max_square_size"),
            (Self.isName(denom), "denom"),
            (Self.isName(addressPrefix), "bech32_prefix"),
            (accounts.count <= Self.accountLimit, "number of accounts"),
            (Set(accounts.map(\.address)).count == accounts.count, "account named twice"),
            (supply != nil, "sum of balances"),
        ]
        let broken = rules.first { !$0.0 }?.1 ?? staking?.fault(in: self)
        return broken.map { .malformed("genesis: \($0)") }
    }

    /// All coins together, or nil when they are more than a 64-bit number tells.
    public var supply: UInt64? {
        var sum: UInt64 = 0
        for account in accounts {
            let (next, overflow) = sum.addingReportingOverflow(account.balance)
            guard !overflow else { return nil }
            sum = next
        }
        return sum
    }

    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}
