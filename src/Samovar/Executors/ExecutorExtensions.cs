using Samovar.Primitives;
using Samovar.Tasks.Core;
using Samovar.Tasks.Inputs;

namespace Samovar;

/// <summary>Provides methods that submit tasks which take the results of other tasks. Thread-safe.</summary>
public static partial class ExecutorExtensions
{
    /// <summary>Submits a task that takes the result of another task, and starts when that has succeeded.</summary>
    /// <remarks>
    /// <para>No worker is occupied meanwhile: the task counts as queued (<see cref="ExecutorStatistics.WaitingForInputs"/>) and is put into the queue,
    /// behind the tasks that are there, when its inputs have succeeded. The inputs may belong to any executors, also to ones that have
    /// been shut down since.</para>
    /// <para>If an input fails, the task fails with <see cref="InputFailedException"/>, which names that input and has its error as the inner exception; if an
    /// input is cancelled, so is the task. The other inputs are not waited for, and not cancelled. To react to a failure, use
    /// <see cref="Future.OnCompleted"/>.</para>
    /// <para>The delegate is captured at the call, and the results when the task is queued. When its inputs are there, the task no longer refers to their
    /// futures, so that a long chain does not keep its intermediate results in memory.</para>
    /// <para>An <see cref="InlineExecutor"/> runs the task within the call if its inputs have succeeded, otherwise on the thread pool.</para>
    /// </remarks>
    /// <param name="executor">The executor that runs the task.</param>
    /// <param name="input">The task whose result is the argument.</param>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future that completes when the work has completed, or an input has not succeeded.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <exception cref="OperationCanceledException">The executor's bounded queue is full, and the options' token was cancelled while the
    /// call waited for room.</exception>
    /// <example>
    /// <code>
    /// Future&lt;int> six = executor.Submit(() => 6);
    /// Future&lt;int> seven = executor.Submit(six, six => six + 1);
    /// int product = await executor.Submit(six, seven, (six, seven) => six * seven); // 42
    /// </code>
    /// </example>
    /// <typeparam name="T">The type of the input.</typeparam>
    public static Future Submit<T>(
        this Executor executor, Future<T> input, Action<T> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithOne<T, NoResult>(work, DelegateKind.Synchronous, bringsResult: false), [input], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T">The type of the input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T, TResult>(
        this Executor executor, Future<T> input, Func<T, TResult> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithOne<T, TResult>(work, DelegateKind.Synchronous, bringsResult: true), [input], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)"/>
    public static Future Submit<T>(
        this Executor executor, Future<T> input, Func<T, Task> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithOne<T, NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), [input], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T">The type of the input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T, TResult>(
        this Executor executor, Future<T> input, Func<T, Task<TResult>> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithOne<T, TResult>(work, DelegateKind.Asynchronous, bringsResult: true), [input], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)" path="/*[not(self::overloads) and not(self::param) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <param name="executor">The executor that runs the task.</param>
    /// <param name="first">The task whose result is the first argument.</param>
    /// <param name="second">The task whose result is the second argument.</param>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    public static Future Submit<T1, T2>(
        this Executor executor, Future<T1> first, Future<T2> second, Action<T1, T2> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithTwo<T1, T2, NoResult>(work, DelegateKind.Synchronous, bringsResult: false), [first, second], options);

    /// <inheritdoc cref="Submit{T1, T2}(Executor, Future{T1}, Future{T2}, Action{T1, T2}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T1, T2, TResult>(
        this Executor executor, Future<T1> first, Future<T2> second, Func<T1, T2, TResult> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithTwo<T1, T2, TResult>(work, DelegateKind.Synchronous, bringsResult: true), [first, second], options);

    /// <inheritdoc cref="Submit{T1, T2}(Executor, Future{T1}, Future{T2}, Action{T1, T2}, TaskOptions?)"/>
    public static Future Submit<T1, T2>(
        this Executor executor, Future<T1> first, Future<T2> second, Func<T1, T2, Task> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithTwo<T1, T2, NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), [first, second], options);

    /// <inheritdoc cref="Submit{T1, T2}(Executor, Future{T1}, Future{T2}, Action{T1, T2}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T1, T2, TResult>(
        this Executor executor, Future<T1> first, Future<T2> second, Func<T1, T2, Task<TResult>> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithTwo<T1, T2, TResult>(work, DelegateKind.Asynchronous, bringsResult: true), [first, second], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)" path="/*[not(self::overloads) and not(self::param) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <typeparam name="T3">The type of the third input.</typeparam>
    /// <param name="executor">The executor that runs the task.</param>
    /// <param name="first">The task whose result is the first argument.</param>
    /// <param name="second">The task whose result is the second argument.</param>
    /// <param name="third">The task whose result is the third argument.</param>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    public static Future Submit<T1, T2, T3>(
        this Executor executor, Future<T1> first, Future<T2> second, Future<T3> third, Action<T1, T2, T3> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithThree<T1, T2, T3, NoResult>(work, DelegateKind.Synchronous, bringsResult: false), [first, second, third], options);

    /// <inheritdoc cref="Submit{T1, T2, T3}(Executor, Future{T1}, Future{T2}, Future{T3}, Action{T1, T2, T3}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <typeparam name="T3">The type of the third input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T1, T2, T3, TResult>(
        this Executor executor, Future<T1> first, Future<T2> second, Future<T3> third, Func<T1, T2, T3, TResult> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithThree<T1, T2, T3, TResult>(work, DelegateKind.Synchronous, bringsResult: true), [first, second, third], options);

    /// <inheritdoc cref="Submit{T1, T2, T3}(Executor, Future{T1}, Future{T2}, Future{T3}, Action{T1, T2, T3}, TaskOptions?)"/>
    public static Future Submit<T1, T2, T3>(
        this Executor executor, Future<T1> first, Future<T2> second, Future<T3> third, Func<T1, T2, T3, Task> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithThree<T1, T2, T3, NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), [first, second, third], options);

    /// <inheritdoc cref="Submit{T1, T2, T3}(Executor, Future{T1}, Future{T2}, Future{T3}, Action{T1, T2, T3}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T1">The type of the first input.</typeparam>
    /// <typeparam name="T2">The type of the second input.</typeparam>
    /// <typeparam name="T3">The type of the third input.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T1, T2, T3, TResult>(
        this Executor executor, Future<T1> first, Future<T2> second, Future<T3> third, Func<T1, T2, T3, Task<TResult>> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithThree<T1, T2, T3, TResult>(work, DelegateKind.Asynchronous, bringsResult: true), [first, second, third], options);

    /// <inheritdoc cref="Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)" path="/*[not(self::overloads) and not(self::param) and not(self::typeparam)]"/>
    /// <typeparam name="T">The type of the inputs.</typeparam>
    /// <param name="executor">The executor that runs the task.</param>
    /// <param name="inputs">The tasks whose results, in this order, are the elements of the argument. May be empty.</param>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    public static Future Submit<T>(
        this Executor executor, IEnumerable<Future<T>> inputs, Action<T[]> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithMany<T, NoResult>(work, DelegateKind.Synchronous, bringsResult: false), Listed(inputs), options);

    /// <inheritdoc cref="Submit{T}(Executor, IEnumerable{Future{T}}, Action{T[]}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T">The type of the inputs.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T, TResult>(
        this Executor executor, IEnumerable<Future<T>> inputs, Func<T[], TResult> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithMany<T, TResult>(work, DelegateKind.Synchronous, bringsResult: true), Listed(inputs), options);

    /// <inheritdoc cref="Submit{T}(Executor, IEnumerable{Future{T}}, Action{T[]}, TaskOptions?)"/>
    public static Future Submit<T>(
        this Executor executor, IEnumerable<Future<T>> inputs, Func<T[], Task> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithMany<T, NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), Listed(inputs), options);

    /// <inheritdoc cref="Submit{T}(Executor, IEnumerable{Future{T}}, Action{T[]}, TaskOptions?)" path="/*[not(self::overloads) and not(self::typeparam)]"/>
    /// <typeparam name="T">The type of the inputs.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Submit<T, TResult>(
        this Executor executor, IEnumerable<Future<T>> inputs, Func<T[], Task<TResult>> work, TaskOptions? options = null) =>
        SubmitDependent(executor, new CallWithMany<T, TResult>(work, DelegateKind.Asynchronous, bringsResult: true), Listed(inputs), options);

    private static Future[] Listed<T>(IEnumerable<Future<T>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. inputs];
    }

    private static DependentFuture<TResult> SubmitDependent<TResult>(Executor executor, DependentCall<TResult> call, Future[] inputs, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(executor);
        return DependentTasks.Submit(executor.Core, call, inputs, options);
    }
}
