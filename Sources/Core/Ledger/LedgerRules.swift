// SPDX-License-Identifier: Apache-2.0

public import Chain
internal import DataSquare

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

    /// Takes the constants.
    public init(
        chainID: String, denom: String = "utia", addressPrefix: String = "celestia",
        minimumGasPrice: GasPrice = .networkMinimum, squareSizeMax: Int = 256
    ) {
        self.chainID = chainID
        self.denom = denom
        self.addressPrefix = addressPrefix
        self.minimumGasPrice = minimumGasPrice
        self.squareSizeMax = squareSizeMax
    }

    /// The constants of the chain that a genesis begins.
    public init(_ genesis: Genesis) {
        self.init(
            chainID: genesis.chainID, denom: genesis.denom,
            addressPrefix: genesis.addressPrefix, minimumGasPrice: genesis.minimumGasPrice,
            squareSizeMax: genesis.squareSizeMax)
    }

    /// Gas for the signature and the accounts that every transaction touches.
    public static let transactionGas: UInt64 = 20_000
    /// Gas for each message that moves coins.
    public static let sendGas: UInt64 = 20_000
}
