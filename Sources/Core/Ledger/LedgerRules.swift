// SPDX-License-Identifier: Apache-2.0

public import Chain
internal import DataSquare
public import Staking

/// What of a chain's constants the ledger needs.
public struct LedgerRules: Hashable, Sendable {
    /// The chain's name, which signatures cover.
    public var chainID: String
    /// The kind of coin.
    public var denom: String
    /// What addresses begin with.
    public var addressPrefix: String
    /// The least price of gas that the network takes.
    public var minimumGasPrice: GasPrice
    /// The widest original square.
    public var squareSizeMax: Int
    /// What staking needs; nil on a chain without it.
    public var staking: StakingRules?

    /// Takes the constants.
    public init(
        chainID: String, denom: String = "utia", addressPrefix: String = "celestia",
        minimumGasPrice: GasPrice = .networkMinimum, squareSizeMax: Int = 256,
        staking: StakingRules? = nil
    ) {
        self.chainID = chainID
        self.denom = denom
        self.addressPrefix = addressPrefix
        self.minimumGasPrice = minimumGasPrice
        self.squareSizeMax = squareSizeMax
        self.staking = staking
    }

    /// The constants of the chain that a genesis begins.
    public init(_ genesis: Genesis) {
        self.init(
            chainID: genesis.chainID, denom: genesis.denom,
            addressPrefix: genesis.addressPrefix, minimumGasPrice: genesis.minimumGasPrice,
            squareSizeMax: genesis.squareSizeMax,
            staking: genesis.staking.map {
                StakingRules(
                    denom: genesis.denom, addressPrefix: genesis.addressPrefix,
                    epochBlocks: $0.epochBlocks)
            })
    }

    /// Gas for the signature and the accounts that every transaction touches.
    public static let transactionGas: UInt64 = 20_000
    /// Gas for each message that moves coins.
    public static let sendGas: UInt64 = 20_000
    /// Gas for each message of staking that is not dearer.
    public static let stakingGas: UInt64 = 50_000
    /// Gas for a validator, which every epoch looks at.
    public static let createValidatorGas: UInt64 = 500_000
    /// Gas for a new key, which is never forgotten.
    public static let rotateKeyGas: UInt64 = 100_000
    /// Gas for evidence, whose signatures all nodes verify.
    public static let evidenceGas: UInt64 = 200_000
    /// Gas for a challenge, which all nodes look at for a day.
    public static let challengeGas: UInt64 = 200_000
    /// Gas for each share that answers an audit or a challenge.
    public static let shownShareGas: UInt64 = 20_000

    /// Gas for a message of staking, besides its bytes.
    public static func gas(for message: StakingMessage) -> UInt64 {
        switch message {
        case .createValidator: createValidatorGas
        case .rotateKey: rotateKeyGas
        case .submitEvidence: evidenceGas
        case .challenge: challengeGas
        case .answerChallenge(_, _, let cells):
            stakingGas + shownShareGas * UInt64(cells.count)
        case .answerAudits(_, _, let answers):
            stakingGas + shownShareGas * UInt64(answers.count)
        default: stakingGas
        }
    }
}
