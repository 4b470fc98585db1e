using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Functions whose results are kept.</content>
public static partial class ExecutorExtensions
{
    /// <summary>Returns a function whose results are kept in a cache: a call with an argument that was used before, in this process or another, does not run
    /// it again.</summary>
    /// <remarks>
    /// <para>The key of a result consists of the name, <see cref="CachedOptions.Version"/>, the code of the function and of the code of its assembly that it uses, the
    /// variables that it captured, and the content of the argument. The page about the result cache says exactly what invalidates a result.</para>
    /// <para>The function must depend on nothing else: not on the time, files, static variables that change, or chance.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the argument; for several arguments, a tuple.</typeparam>
    /// <typeparam name="TResult">The type of the result. It must be serializable.</typeparam>
    /// <param name="executor">The executor that computes the results.</param>
    /// <param name="name">The name: part of the key, and shown in lists of the cache.</param>
    /// <param name="function">The function. Its token, if it takes one, is cancelled when the task is cancelled or times out.</param>
    /// <param name="cache">The cache that keeps the results.</param>
    /// <param name="options">The version, and the options of the tasks; null for the defaults.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or the code of <paramref name="function"/> was created at run time.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was trimmed without the build targets of the
    /// package.</exception>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static CachedFunction<T, TResult> Cached<T, TResult>(
        this Executor executor, string name, Func<T, TResult> function, ResultCache cache, CachedOptions? options = null) =>
        new(executor, name, cache, function, DelegateKind.Synchronous, options);

    /// <inheritdoc cref="Cached{T, TResult}(Executor, string, Func{T, TResult}, ResultCache, CachedOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static CachedFunction<T, TResult> Cached<T, TResult>(
        this Executor executor, string name, Func<T, CancellationToken, TResult> function, ResultCache cache, CachedOptions? options = null) =>
        new(executor, name, cache, function, DelegateKind.SynchronousWithToken, options);

    /// <inheritdoc cref="Cached{T, TResult}(Executor, string, Func{T, TResult}, ResultCache, CachedOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static CachedFunction<T, TResult> Cached<T, TResult>(
        this Executor executor, string name, Func<T, Task<TResult>> function, ResultCache cache, CachedOptions? options = null) =>
        new(executor, name, cache, function, DelegateKind.Asynchronous, options);

    /// <inheritdoc cref="Cached{T, TResult}(Executor, string, Func{T, TResult}, ResultCache, CachedOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static CachedFunction<T, TResult> Cached<T, TResult>(
        this Executor executor, string name, Func<T, CancellationToken, Task<TResult>> function, ResultCache cache, CachedOptions? options = null) =>
        new(executor, name, cache, function, DelegateKind.AsynchronousWithToken, options);
}
