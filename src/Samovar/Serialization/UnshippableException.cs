using Samovar.Serialization.Types;
using Samovar.Tasks.Core;

namespace Samovar.Serialization;

/// <summary>A value cannot leave this process. The message names the member, the reason and the way out.</summary>
/// <remarks>Nothing was sent, and the connection is as it was before: the next value can be written.</remarks>
public sealed class UnshippableException : ShippingException, IUnrepeatable
{
    /// <summary>Creates the error.</summary>
    /// <param name="memberPath">The way from the value that was to be shipped to the culprit, such as <c>closure.reader._stream</c>.</param>
    /// <param name="culprit">The type of the value that cannot travel.</param>
    /// <param name="reason">Why it cannot travel and what to do instead.</param>
    /// <param name="innerException">The error of a codec or of a member that was read, if there was one.</param>
    public UnshippableException(string memberPath, Type culprit, string reason, Exception? innerException = null)
        : base($"{memberPath}: {TypeNames.Short(culprit)} {reason}", innerException)
    {
        MemberPath = memberPath;
        Culprit = culprit;
    }

    /// <summary>The way from the value that was to be shipped to the culprit, such as <c>closure.reader._stream</c>.</summary>
    public string MemberPath { get; }

    /// <summary>The type of the value that cannot travel.</summary>
    public Type Culprit { get; }
}
