using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Map.Methods;

/// <summary>A method of a target, from the text of an item to the text of its result.</summary>
internal abstract class TargetCall
{
    /// <summary>Whether it is to be awaited: <see cref="RunAsync"/> then, <see cref="Run"/> otherwise.</summary>
    public abstract bool IsAsynchronous { get; }

    /// <exception cref="MalformedItemException">The text is no value of the parameter's type.</exception>
    public abstract string? Run(string text, IProgressSink sink);

    /// <inheritdoc cref="Run"/>
    public abstract Task<string?> RunAsync(string text, IProgressSink sink);
}

/// <summary>Where a method's own progress goes.</summary>
internal interface IProgressSink
{
    void Report(object? value);
}

/// <summary>The text of an item is no value of the method's parameter.</summary>
internal sealed class MalformedItemException(string message, Exception? innerException) : Exception(message, innerException);

/// <inheritdoc cref="TargetCall"/>
/// <param name="parse">Makes the parameter's value.</param>
/// <param name="call">The method, with the other parameters filled.</param>
/// <param name="format">Text of what it returned; for synchronous methods.</param>
/// <param name="finish">The same for those that are to be awaited.</param>
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
            throw new MalformedItemException($"no {TypeText.Of(typeof(T))}: {Reason(e)}", e);
        }
    }

    // Of JSON, the place within the item; the lines that its reader counts are none of the input's.
    private static string Reason(Exception error)
    {
        if (error is not JsonException { BytePositionInLine: { } position } json) return error.Message;
        int place = json.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        string at = json.Path?.TrimStart('$', '.') is { Length: > 0 } path ? $"{path}, " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{(place < 0 ? json.Message : json.Message[..place])} ({at}byte {position + 1})");
    }
}
