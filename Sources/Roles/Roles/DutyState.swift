// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Cryptography
internal import Ledger
internal import Staking

/// What a validator has that answers for what it holds, in its operator's name.
struct DutyState {
    let key: Secp256k1PrivateKey
    let operatorAddress: Bytes20
    var machine = DutyMachine()
    /// The audits of an epoch, which are drawn once.
    var epoch: UInt64?
    var audits: [AskedAudit] = []
    /// Shares that were read for tasks which are not answered yet.
    var cells: [DutyTask: [AuditedCell]] = [:]
    /// Messages that wait until the one before them is in the pool.
    var outbox: [StakingMessage] = []
    var isSending = false

    /// Nil where nobody is to answer for: without an operator's key, or on a chain without staking.
    init?(_ configuration: NodeConfiguration) {
        guard configuration.kind == .validator, configuration.rules.staking != nil,
            let key = configuration.operatorKey
        else { return nil }
        self.key = key
        operatorAddress = AccountAddress(of: key.publicKey).bytes
    }
}
