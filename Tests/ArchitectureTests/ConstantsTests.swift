// SPDX-License-Identifier: Apache-2.0

import Availability
import Chain
import DataSquare
import Foundation
import Ledger
import Syncing
import TestSupport
import Testing

/// Protocol/constants.json against the code: neither may know what the other does not.
@Suite struct ConstantsTests {
    /// What the code says, by the names of the file.
    static let code: [String: Int] = [
        dataSquare, stateTree, chainAndLedger, agreement, availability, fraud, syncing,
        lightClients,
        pooling, roles, gossipLimits, gossipParameters, gossipScores, discovery, staking, slashing,
        execution,
    ].reduce(into: [:]) { all, part in
        all.merge(part) { _, _ in preconditionFailure("a constant stands in two lists") }
    }

    /// Those of modules Chain and Ledger.
    static let chainAndLedger: [String: Int] = [
        "chain.blockVersion": Int(BlockHeader.blockVersion),
        "chain.appVersionLimit": Int(ExtendedHeader.appVersionLimit),
        "chain.chainIDSizeBytesMax": BlockHeader.chainIDLimit,
        "chain.validatorsMax": ValidatorSet.limit,
        "chain.headerSizeBytesMax": ExtendedHeader.sizeLimit,
        "chain.nullificationsMax": HeaderExtension.nullificationLimit,
        "chain.proofBlocksMax": BlobProof.blocksMax,
        "chain.proofParentsMax": BlobProof.parentsMax,
        "chain.receiptSamplesMax": SamplingReceipt.samplesMax,
        "chain.bisectionRequestsMax": LightBisection.requestLimit,
        "custody.replicas": CustodyAssignment.replicas,
        "custody.cellsDrawn": CustodyDuty.cellsDrawn,
        "custody.firstHolders": CustodyAssignment.firstHolders,
        "custody.requiredPerMille": CustodyCoverage.requiredPerMille,
        "ledger.gasPerByte": Int(BlobFee.gasPerByte),
        "ledger.gasPerTransactionByte": Int(BlobFee.gasPerTransactionByte),
        "ledger.bytesPerBlobInfo": Int(BlobFee.bytesPerBlobInfo),
        "ledger.estimateFixedGas": Int(BlobFee.fixedGas),
        "ledger.transactionGas": Int(LedgerRules.transactionGas),
        "ledger.sendGas": Int(LedgerRules.sendGas),
        "ledger.stakingGas": Int(LedgerRules.stakingGas),
        "ledger.createValidatorGas": Int(LedgerRules.createValidatorGas),
        "ledger.rotateKeyGas": Int(LedgerRules.rotateKeyGas),
        "ledger.evidenceGas": Int(LedgerRules.evidenceGas),
        "ledger.challengeGas": Int(LedgerRules.challengeGas),
        "ledger.shownShareGas": Int(LedgerRules.shownShareGas),
        "ledger.accountsMax": LedgerState.accountLimit,
        "genesis.validatorsMax": GenesisStaking.validatorLimit,
        "genesis.monikerSizeBytesMax": GenesisStaking.monikerLimit,
        "ledger.messagesMax": TransactionBody.messageLimit,
        "ledger.memoSizeBytesMax": TransactionBody.memoLimit,
        "ledger.transactionSizeBytesMax": CosmosTransaction.sizeLimit,
    ]

    /// Module DataSquare's.
    static let dataSquare: [String: Int] = [
        "share.sizeBytes": Share.sizeBytes,
        "share.infoSizeBytes": Share.infoSizeBytes,
        "share.sequenceLengthSizeBytes": Share.sequenceLengthSizeBytes,
        "share.reservedSizeBytes": Share.reservedSizeBytes,
        "share.signerSizeBytes": Share.signerSizeBytes,
        "share.versionPlain": Int(ShareVersion.plain),
        "share.versionSigned": Int(ShareVersion.signed),
        "share.versionFibre": Int(ShareVersion.fibre),
        "share.versionMaximum": Int(ShareVersion.maximum),
        "namespace.sizeBytes": Namespace.sizeBytes,
        "namespace.identifierSizeBytes": Namespace.identifierSizeBytes,
        "namespace.userIDSizeBytesMax": Namespace.userIDSizeBytesMax,
        "namespace.userVersion": Int(Namespace.userVersion),
        "namespace.reservedVersion": Int(Namespace.reservedVersion),
        "blob.firstContentSizeBytes": Blob.firstContentSizeBytes,
        "blob.furtherContentSizeBytes": Blob.furtherContentSizeBytes,
        "blob.fibreDataSizeBytes": Blob.fibreDataSizeBytes,
        "blob.sizeBytesMax": Blob.sizeBytesMax,
        "compact.firstContentSizeBytes": CompactShareSplitter.firstContentSizeBytes,
        "compact.furtherContentSizeBytes": CompactShareSplitter.furtherContentSizeBytes,
        "blobTransaction.sizeBytesMax": BlobTransaction.sizeBytesMax,
        "blobTransaction.blobCountMax": BlobTransaction.blobCountMax,
        "indexWrapper.worstCaseIndex": Int(IndexWrapper.worstCaseIndex),
        "indexWrapper.indexCountMax": IndexWrapper.indexCountMax,
        "square.widthUpperBound": SquareSize.upperBound,
        "square.widthUpperBoundBeforeVersion6": SquareSize.upperBoundBeforeVersion6,
        "square.wideSquareVersion": Int(SquareRules.wideSquareVersion),
        "square.payForFibreVersion": Int(SquareRules.payForFibreVersion),
        "square.appVersionDefault": Int(SquareRules.appVersionDefault),
        "commitment.subtreeRootThreshold": ShareCommitment.subtreeRootThreshold,
        "tree.nodeSizeBytes": NamespacedHash.sizeBytes,
        "header.widthMin": DataAvailabilityHeader.widthMin,
        "header.widthMax": DataAvailabilityHeader.widthMax,
    ]

    static func file() throws -> [JSONTree] {
        let file = Vectors.repository.appending(path: "Protocol/constants.json")
        return try JSONTree(contentsOf: file)["constants"].array
    }

    /// Each constant of the file has the code's value, and each of the code's is in the file.
    @Test func fileAndCodeAgree() throws {
        var inFile: Set<String> = []
        for constant in try Self.file() {
            let name = try constant["name"].string
            #expect(inFile.insert(name).inserted, "\(name) stands twice")
            let value = try constant["value"].integer
            #expect(Self.code[name] == value, "\(name)")
        }
        #expect(Set(Self.code.keys).subtracting(inFile).sorted() == [])
    }

    /// Each constant says its unit, its meaning, where it comes from and why it is so.
    @Test func everyConstantIsExplained() throws {
        for constant in try Self.file() {
            for member in ["name", "unit", "meaning", "origin", "reason"] {
                #expect(!(try constant[member].string.isEmpty), "\(constant.path) \(member)")
            }
        }
    }

    /// Relations among constants that more than one rule leans on.
    @Test func relationsHold() {
        let header = Namespace.sizeBytes + Share.infoSizeBytes
        #expect(header + Blob.furtherContentSizeBytes == Share.sizeBytes)
        #expect(
            header + Share.sequenceLengthSizeBytes + Blob.firstContentSizeBytes
                == Share.sizeBytes)
        #expect(
            header + Share.reservedSizeBytes + CompactShareSplitter.furtherContentSizeBytes
                == Share.sizeBytes)
        #expect(
            header + Share.sequenceLengthSizeBytes + Share.reservedSizeBytes
                + CompactShareSplitter.firstContentSizeBytes == Share.sizeBytes)
        #expect(NamespacedHash.sizeBytes == 2 * Namespace.sizeBytes + 32)
        #expect(Namespace.sizeBytes == 1 + Namespace.identifierSizeBytes)
        #expect(SquareSize.upperBound.nonzeroBitCount == 1)
        #expect(OriginalDataSquare.widthMaximum == SquareSize.upperBound)
        #expect(ExtendedDataSquare.widthMaximum == 2 * SquareSize.upperBound)
        #expect(DataAvailabilityHeader.widthMax == 2 * SquareSize.upperBound)
        #expect(
            Blob.shareCount(sizeBytes: Blob.sizeBytesMax, hasSigner: false)
                == SquareSize.sharesMax)
        #expect(
            Blob.shareCount(sizeBytes: Blob.sizeBytesMax + 1, hasSigner: false)
                == SquareSize.sharesMax + 1)
    }
}
