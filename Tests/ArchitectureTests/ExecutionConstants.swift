// SPDX-License-Identifier: Apache-2.0

import Conformance
import Execution
import Testing

/// Limits of module Execution and of its tests' runner, by the names of Protocol/constants.json.
extension ConstantsTests {
    static let execution: [String: Int] = [
        "execution.stackWords": ExecutionLimits.stackWords,
        "execution.callDepth": ExecutionLimits.callDepth,
        "execution.memorySizeBytes": ExecutionLimits.memorySizeBytes,
        "execution.codeSizeBytes": ExecutionLimits.codeSizeBytes,
        "execution.creationCodeSizeBytes": ExecutionLimits.creationCodeSizeBytes,
        "execution.powerSizeBytes": ExecutionLimits.powerSizeBytes,
        "execution.transactionGas": Int(ExecutionLimits.transactionGas),
        "execution.transactionBlobs": ExecutionLimits.transactionBlobs,
        "execution.blockSizeBytes": ExecutionLimits.blockSizeBytes,
        "execution.systemCallGas": Int(ExecutionLimits.systemCallGas),
        "conformance.fileSizeBytesMax": ConformanceRun.fileSizeLimit,
    ]
}
