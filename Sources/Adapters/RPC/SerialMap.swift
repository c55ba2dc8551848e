// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// Does something that answers by callback for each of some items, one after another, in order.
///
/// Answers that come at once do not deepen the stack.
final class SerialMap<Item, Value> {
    private var rest: ArraySlice<Item>
    private var values: [Value] = []
    private let step: (Item, @escaping (Result<Value, RPCFault>) -> Void) -> Void
    private var then: ((Result<[Value], RPCFault>) -> Void)?

    /// Starts with the first item; `then` gets all values, or the first fault.
    static func run(
        _ items: [Item],
        step: @escaping (Item, @escaping (Result<Value, RPCFault>) -> Void) -> Void,
        then: @escaping (Result<[Value], RPCFault>) -> Void
    ) {
        SerialMap(items, step, then).proceed()
    }

    private init(
        _ items: [Item],
        _ step: @escaping (Item, @escaping (Result<Value, RPCFault>) -> Void) -> Void,
        _ then: @escaping (Result<[Value], RPCFault>) -> Void
    ) {
        rest = items[...]
        self.step = step
        self.then = then
    }

    private func proceed() {
        while then != nil, let item = rest.popFirst() {
            var isStarting = true
            var isAnswered = false
            step(item) { [self] result in
                switch result {
                case .success(let value): values.append(value)
                case .failure(let fault): finish(.failure(fault))
                }
                isAnswered = true
                if !isStarting { proceed() }
            }
            isStarting = false
            if !isAnswered { return }
        }
        finish(.success(values))
    }

    private func finish(_ result: Result<[Value], RPCFault>) {
        let then = then
        self.then = nil
        then?(result)
    }
}
