using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Plans;
using Samovar.Serialization.Platform;
using Samovar.Serialization.Types;
using Samovar.Serialization.Unsupported;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>Writes values and delegates, and numbers the types and methods that they use: the sending half of a connection.</summary>
/// <remarks>
/// <para>Safe for any thread; threads write concurrently. Each type and method is defined once, in an append-only log. A message refers to
/// definitions by number and specifies how many of them it needs (<see cref="ShippedBody.DefinitionsNeeded"/>). A receiver must have that many
/// definitions before it reads the message: send the missing ones with <see cref="WriteDefinitions"/>. A message can therefore be written
/// before its receiver is chosen, and messages can be sent in any order.</para>
/// <para>A write that fails leaves the connection usable: nothing is sent, the live ports that the write opened are closed, and the
/// definitions that it added are complete and available to later messages.</para>
/// </remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
public sealed class ShippingWriter
{
    private readonly DefinitionWriter _definitions;
    private readonly ShippingOptions _options;

    /// <summary>Initializes the sending half of a connection.</summary>
    /// <param name="options">The limits and codecs; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was
    /// trimmed without the build targets of the package.</exception>
    public ShippingWriter(ShippingOptions? options = null)
    {
        WholeProgram.Require();
        _options = options ?? ShippingOptions.Default;
        _options.Validate();
        _definitions = new DefinitionWriter(StandardPlans.For(_options), _options);
    }

    /// <summary>Gets the number of definitions so far, including those that both sides know from the start.</summary>
    public int DefinitionCount => _definitions.Count;

    /// <summary>Writes a value and holds the message until the caller copies it to its destination.</summary>
    /// <param name="value">The value to write. It must not change until the message has been copied: large arrays are read only then.</param>
    /// <param name="connector">The channel that keeps live values connected; null to refuse messages with live values.</param>
    /// <typeparam name="T">The type of the root; <see cref="ShippingReader.Read{T}(ReadOnlySpan{byte}, LiveConnector?)"/> must be called with
    /// the same type.</typeparam>
    /// <returns>The message. Dispose it on this thread after copying it.</returns>
    /// <exception cref="UnshippableException">Something in the value cannot travel; the message names the member.</exception>
    public ShippedBody Prepare<T>(T value, LiveConnector? connector = null) => PrepareContinued(value, connector, known: null);

    /// <summary>Writes a message that continues another one: objects that the receiver still holds from that one are written as references.</summary>
    internal ShippedBody PrepareContinued<T>(T value, LiveConnector? connector, IdentityTable? known)
    {
        var writer = GraphWriter.Rent();
        writer.Begin(_definitions, _options, connector, known);
        try
        {
            while (!TryWrite(writer, value))
                writer.Reset(); // an exception was replaced by a RemoteException, or a closure needs more fields: the message is rewritten

            return new ShippedBody(writer);
        }
        catch
        {
            writer.RevokeExports();
            writer.Release();
            throw;
        }
    }

    /// <summary>Writes a value to a buffer writer, which receives either the whole message or nothing.</summary>
    /// <returns>The number of definitions that the receiver needs to read the message.</returns>
    /// <inheritdoc cref="Prepare{T}"/>
    /// <param name="output">Receives the message as one contiguous block.</param>
    /// <param name="value">The value to write. No other thread may change it during the call.</param>
    /// <param name="connector">The channel that keeps live values connected; null to refuse messages with live values.</param>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    public int Write<T>(IBufferWriter<byte> output, T value, LiveConnector? connector = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var body = Prepare(value, connector);
        body.CopyTo(output);
        return body.DefinitionsNeeded;
    }

    /// <summary>Writes the definitions that a receiver lacks, for <see cref="ShippingReader.ReadDefinitions"/>.</summary>
    /// <param name="from">The number of definitions that the receiver already has; 0 for a new receiver.</param>
    /// <param name="to">The number of definitions that the receiver needs; at most <see cref="DefinitionCount"/>.</param>
    /// <param name="output">Receives the block.</param>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is negative, or <paramref name="to"/> is greater than
    /// <see cref="DefinitionCount"/>.</exception>
    public void WriteDefinitions(int from, int to, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        _definitions.Write(from, to, output);
    }

    private static bool TryWrite<T>(GraphWriter writer, T value)
    {
        try
        {
            writer.Plans.Slot<T>().Write(writer, value);
            writer.Drain();
            writer.CheckTotal();
            if (!writer.IsTooNarrow) return true;
            writer.RevokeExports();
            return false;
        }
        catch (UnsupportedValueException signal)
        {
            var path = UnsupportedValuePath.Find(value, signal.Culprit, writer.Plans);
            if (path is not null && Exchange(writer, path, signal))
            {
                writer.RevokeExports();
                return false;
            }

            throw Refuse(path, signal);
        }
        catch (Exception e) when (e is not (ShippingException or OutOfMemoryException))
        {
            // For example a collection that another thread changes during the write, or a codec that cannot be created: nothing was sent, and
            // the caller gets the error. Exhausted memory is not an error in the value, so an OutOfMemoryException is passed on unchanged.
            throw new UnshippableException("value", value?.GetType() ?? typeof(T), $"could not be written: {e.GetType().Name}: {e.Message}", e);
        }
    }

    // Replaces the innermost exception that holds the culprit, and whose location accepts the replacement, by its text.
    private static bool Exchange(GraphWriter writer, UnsupportedValuePath.Step path, UnsupportedValueException signal)
    {
        foreach (var step in path.Upwards())
        {
            if (step.Value is Exception exception and not RemoteException && !writer.HasSubstitute(exception) && CanHoldStandIn(step))
            {
                writer.Substitute(exception, RemoteException.From(exception, $"{path}: {TypeNames.Short(path.Value.GetType())} {signal.Message}"));
                return true;
            }
        }

        return false;
    }

    // A field that is declared as the exact exception type cannot hold a RemoteException; then its owner must be replaced.
    private static bool CanHoldStandIn(UnsupportedValuePath.Step step) => step.Owner is not { } owner
        || owner.Value.GetType() is var type && (type.IsArray ? type.GetElementType()!.IsAssignableFrom(typeof(RemoteException))
            : TravellingFields.Of(type).Where(f => TypeNames.MemberName(f.Name) == step.Name)
                .All(f => f.FieldType.IsAssignableFrom(typeof(RemoteException))));

    private static UnshippableException Refuse(UnsupportedValuePath.Step? path, UnsupportedValueException signal)
    {
        string reason = signal.Message;
        if (path?.Upwards().FirstOrDefault(s => s.Name is "this" or "closure.this") is { } captured)
        {
            reason += $". The lambda captured 'this' ({TypeNames.Short(captured.Value.GetType())}) because it uses a member of it; "
                + "copy what it needs into a local variable first";
        }
        else if (path is not null && SharedClosureHint.VariableOn(path) is { } variable)
        {
            reason += $". If the lambda does not use '{variable}' itself, another lambda of the same block captured it: the code of the lambda "
                + "could not be analyzed, so all captured variables of the block are sent with it; move the lambda to a block of its own";
        }

        return new UnshippableException(
            path?.ToString() ?? "value", path?.Value.GetType() ?? signal.Culprit?.GetType() ?? typeof(object), reason, signal.InnerException);
    }
}
