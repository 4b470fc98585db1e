namespace Samovar.Serialization.Live;

/// <summary>Handles one message that arrived through a <see cref="LivePort"/>, and can answer it.</summary>
/// <param name="message">The message that the other side sent; can be null.</param>
/// <param name="reply">Sends an answer to the sender of the message. Answers to a sender that is gone are dropped.</param>
internal delegate void LiveCallReceiver(object? message, Action<object?> reply);
