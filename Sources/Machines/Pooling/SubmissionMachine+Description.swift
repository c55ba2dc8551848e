// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// How an effect reads in a golden script, a log line and a simulator trace.
extension SubmissionMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sign(let key, _, let number, let sequence):
            "sign \(key) for account \(number) sequence \(sequence)"
        case .send(let key, .submit(let bytes)): "submit \(key) (\(bytes.count) bytes)"
        case .send(let key, .status(let hash)): "ask status of \(key) (\(hash.hex.prefix(4)))"
        case .send(let key, .account): "ask account for \(key)"
        case .queryAccount: "query account"
        case .finish(let ticket, .success(let record)): "tell \(ticket): height \(record.height)"
        case .finish(let ticket, .failure(let fault)): "tell \(ticket): \(fault)"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}

extension SubmissionKey: CustomStringConvertible {
    package var description: String { String(digest.hex.prefix(4)) }
}

extension SubmissionFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let code, let codespace, let log): "refused \(codespace)/\(code): \(log)"
        case .failed(let record): "failed at height \(record.height): \(record.log)"
        case .timedOut: "timed out waiting for tx to be included in a block"
        case .queueFull: "too many submissions wait at this node"
        case .overSizeLimit: "blob: over size limit"
        case .notSigned(let reason): reason
        }
    }
}
