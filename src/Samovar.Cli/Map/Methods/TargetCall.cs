using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Map.Methods;

/// <summary>Calls a method of a target: parses an item's text, calls the method and formats its result.</summary>
internal abstract class TargetCall
{
    /// <summary>Whether the method returns an awaitable. If true, call <see cref="RunAsync"/>; otherwise, call <see cref="Run"/>.</summary>
    public abstract bool IsAsynchronous { get; }

    /// <summary>Calls the method for one item.</summary>
    /// <param name="text">The item's text.</param>
    /// <param name="sink">Receives the progress that the method reports.</param>
    /// <returns>The text of the result; null if no line is written for it.</returns>
    /// <exception cref="MalformedItemException">The text cannot be parsed as the parameter's type.</exception>
    public abstract string? Run(string text, IProgressSink sink);

    /// <inheritdoc cref="Run"/>
    public abstract Task<string?> RunAsync(string text, IProgressSink sink);
}

/// <summary>Receives the progress that a method reports.</summary>
internal interface IProgressSink
{
    void Report(object? value);
}

/// <summary>The text of an item cannot be parsed as the method's parameter type.</summary>
internal sealed class MalformedItemException(string message, Exception? innerException) : Exception(message, innerException);

/// <inheritdoc cref="TargetCall"/>
/// <param name="parse">Parses the item's text.</param>
/// <param name="call">Calls the method with the item's value; supplies the other arguments.</param>
/// <param name="format">Formats the return value of a synchronous method; null for an asynchronous one.</param>
/// <param name="finish">Awaits the return value of an asynchronous method and formats its result; null for a synchronous one.</param>
internal sealed class TargetCall<T, TReturn>(
    Func<string, T> parse, Func<T, IProgressSink, TReturn> call, Func<TReturn, string?>? format, Func<TReturn, Task<string?>>? finish) : TargetCall
{
    public override bool IsAsynchronous => finish is not null;

    public override string? Run(string text, IProgressSink sink) => format!(call(Parse(text), sink));

    public override Task<string?> RunAsync(string text, IProgressSink sink) => finish!(call(Parse(text), sink));

    private T Parse(string text)
    {
        try
        {
            return parse(text);
        }
        catch (Exception e)
        {
            throw new MalformedItemException($"not a valid {TypeText.Of(typeof(T))}: {Reason(e)}", e);
        }
    }

    // For JSON errors, the path and byte position within the item. The reader's line numbers are omitted: they do not match the lines of the input.
    private static string Reason(Exception error)
    {
        if (error is not JsonException { BytePositionInLine: { } position } json) return error.Message;
        int place = json.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        string at = json.Path?.TrimStart('$', '.') is { Length: > 0 } path ? $"{path}, " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{(place < 0 ? json.Message : json.Message[..place])} ({at}byte {position + 1})");
    }
}
