// What the ONVIF test device says and is asked, for gSOAP's soapcpp2 (which reads this as its own
// language: the comments that begin with //gsoap are directives). Written by hand from the
// questions that our client asks; ONVIF's own descriptions are in no Debian package.
//
// The prefixes are not the usual ones (tds, trt, tptz, tt): they are the device's to choose.

#import "stlvector.h"
#import "wsse.h"
#import "wsdd10.h"
#import "custom/duration.h"

//gsoap dev  schema namespace: http://www.onvif.org/ver10/device/wsdl
//gsoap dev  schema form: qualified
//gsoap med  schema namespace: http://www.onvif.org/ver10/media/wsdl
//gsoap med  schema form: qualified
//gsoap head schema namespace: http://www.onvif.org/ver20/ptz/wsdl
//gsoap head schema form: qualified
//gsoap card schema namespace: http://www.onvif.org/ver10/recording/wsdl
//gsoap card schema form: qualified
//gsoap play schema namespace: http://www.onvif.org/ver10/replay/wsdl
//gsoap play schema form: qualified
//gsoap onv  schema namespace: http://www.onvif.org/ver10/schema
//gsoap onv  schema elementForm: qualified
//gsoap onv  schema attributeForm: unqualified
//gsoap evt  schema namespace: http://www.onvif.org/ver10/events/wsdl
//gsoap evt  schema form: qualified
//gsoap note schema namespace: http://docs.oasis-open.org/wsn/b-2
//gsoap note schema elementForm: qualified
//gsoap note schema attributeForm: unqualified
//gsoap addr schema namespace: http://www.w3.org/2005/08/addressing
//gsoap addr schema elementForm: qualified
//gsoap ter  schema namespace: http://www.onvif.org/ver10/error
//gsoap net  schema namespace: http://www.onvif.org/ver10/network/wsdl

// --- Device ---------------------------------------------------------------------------------

class onv__Time { public: int Hour; int Minute; int Second; };
class onv__Date { public: int Year; int Month; int Day; };
class onv__DateTime { public: onv__Time Time; onv__Date Date; };
class onv__SystemDateTime {
 public:
  char* DateTimeType;
  bool DaylightSavings;
  onv__DateTime* UTCDateTime 0;
  onv__DateTime* LocalDateTime 0;
};
class onv__User { public: char* Username; char* Password 0; char* UserLevel; };
class onv__XAddr { public: char* XAddr; };
class onv__Extension { public: onv__XAddr* Recording 0; onv__XAddr* Replay 0; };
class onv__Capabilities {
 public:
  onv__XAddr* Device 0;
  onv__XAddr* Media 0;
  onv__XAddr* Events 0;
  onv__XAddr* PTZ 0;
  onv__Extension* Extension 0;
};
class onv__Version { public: int Major; int Minor; };
class dev__Service { public: char* Namespace; char* XAddr; onv__Version Version; };

class _dev__GetSystemDateAndTime { public: };
class _dev__GetSystemDateAndTimeResponse { public: onv__SystemDateTime* SystemDateAndTime; };
class _dev__SetSystemDateAndTime {
 public:
  char* DateTimeType;
  bool DaylightSavings;
  onv__DateTime* UTCDateTime 0;
};
class _dev__SetSystemDateAndTimeResponse { public: };
class _dev__GetDeviceInformation { public: };
class _dev__GetDeviceInformationResponse {
 public:
  char* Manufacturer; char* Model; char* FirmwareVersion; char* SerialNumber; char* HardwareId;
};
class _dev__GetServices { public: bool IncludeCapability; };
class _dev__GetServicesResponse { public: std::vector<dev__Service> Service 0; };
class _dev__GetCapabilities { public: std::vector<char*> Category 0; };
class _dev__GetCapabilitiesResponse { public: onv__Capabilities* Capabilities; };
class _dev__GetUsers { public: };
class _dev__GetUsersResponse { public: std::vector<onv__User> User 0; };
class _dev__SetUser { public: std::vector<onv__User> User 1; };
class _dev__SetUserResponse { public: };

//gsoap dev service name: device
//gsoap dev service method-style: document
//gsoap dev service method-encoding: literal
int __dev__GetSystemDateAndTime(_dev__GetSystemDateAndTime* dev__GetSystemDateAndTime, _dev__GetSystemDateAndTimeResponse& dev__GetSystemDateAndTimeResponse);
int __dev__SetSystemDateAndTime(_dev__SetSystemDateAndTime* dev__SetSystemDateAndTime, _dev__SetSystemDateAndTimeResponse& dev__SetSystemDateAndTimeResponse);
int __dev__GetDeviceInformation(_dev__GetDeviceInformation* dev__GetDeviceInformation, _dev__GetDeviceInformationResponse& dev__GetDeviceInformationResponse);
int __dev__GetServices(_dev__GetServices* dev__GetServices, _dev__GetServicesResponse& dev__GetServicesResponse);
int __dev__GetCapabilities(_dev__GetCapabilities* dev__GetCapabilities, _dev__GetCapabilitiesResponse& dev__GetCapabilitiesResponse);
int __dev__GetUsers(_dev__GetUsers* dev__GetUsers, _dev__GetUsersResponse& dev__GetUsersResponse);
int __dev__SetUser(_dev__SetUser* dev__SetUser, _dev__SetUserResponse& dev__SetUserResponse);

// --- Media ----------------------------------------------------------------------------------

class onv__Resolution { public: int Width; int Height; };
class onv__RateControl { public: int FrameRateLimit; int EncodingInterval; int BitrateLimit; };
class onv__VideoEncoderConfiguration {
 public:
  @char* token;
  char* Name;
  int UseCount;
  char* Encoding;
  onv__Resolution Resolution;
  float Quality;
  onv__RateControl RateControl;
};
class onv__PTZConfiguration { public: @char* token; char* Name; int UseCount; char* NodeToken; };
class onv__Profile {
 public:
  @char* token;
  @bool fixed;
  char* Name;
  onv__VideoEncoderConfiguration* VideoEncoderConfiguration 0;
  onv__PTZConfiguration* PTZConfiguration 0;
};
class onv__Transport { public: char* Protocol; };
class onv__StreamSetup { public: char* Stream; onv__Transport Transport; };
class onv__MediaUri {
 public:
  char* Uri; bool InvalidAfterConnect; bool InvalidAfterReboot; char* Timeout;
};

class _med__GetProfiles { public: };
class _med__GetProfilesResponse { public: std::vector<onv__Profile> Profiles 0; };
class _med__GetStreamUri { public: onv__StreamSetup StreamSetup; char* ProfileToken; };
class _med__GetStreamUriResponse { public: onv__MediaUri* MediaUri; };

//gsoap med service name: media
//gsoap med service method-style: document
//gsoap med service method-encoding: literal
int __med__GetProfiles(_med__GetProfiles* med__GetProfiles, _med__GetProfilesResponse& med__GetProfilesResponse);
int __med__GetStreamUri(_med__GetStreamUri* med__GetStreamUri, _med__GetStreamUriResponse& med__GetStreamUriResponse);

// --- PTZ ------------------------------------------------------------------------------------

class onv__Vector2D { public: @double x; @double y; @char* space 0; };
class onv__Vector1D { public: @double x; @char* space 0; };
class onv__PTZVector { public: onv__Vector2D* PanTilt 0; onv__Vector1D* Zoom 0; };
class onv__PTZMoveStatus { public: char* PanTilt; char* Zoom; };
class onv__PTZStatus {
 public:
  onv__PTZVector* Position 0;
  onv__PTZMoveStatus* MoveStatus 0;
  char* UtcTime;
};
class onv__PTZPreset { public: @char* token; char* Name 0; onv__PTZVector* PTZPosition 0; };

class _head__ContinuousMove {
 public:
  char* ProfileToken; onv__PTZVector Velocity; xsd__duration* Timeout 0;
};
class _head__ContinuousMoveResponse { public: };
class _head__Stop { public: char* ProfileToken; bool PanTilt 0 = true; bool Zoom 0 = true; };
class _head__StopResponse { public: };
class _head__GetStatus { public: char* ProfileToken; };
class _head__GetStatusResponse { public: onv__PTZStatus* PTZStatus; };
class _head__GetPresets { public: char* ProfileToken; };
class _head__GetPresetsResponse { public: std::vector<onv__PTZPreset> Preset 0; };
class _head__SetPreset { public: char* ProfileToken; char* PresetName 0; char* PresetToken 0; };
class _head__SetPresetResponse { public: char* PresetToken; };
class _head__GotoPreset { public: char* ProfileToken; char* PresetToken; };
class _head__GotoPresetResponse { public: };
class _head__RemovePreset { public: char* ProfileToken; char* PresetToken; };
class _head__RemovePresetResponse { public: };
class _head__GotoHomePosition { public: char* ProfileToken; };
class _head__GotoHomePositionResponse { public: };
class _head__SetHomePosition { public: char* ProfileToken; };
class _head__SetHomePositionResponse { public: };

//gsoap head service name: head
//gsoap head service method-style: document
//gsoap head service method-encoding: literal
int __head__ContinuousMove(_head__ContinuousMove* head__ContinuousMove, _head__ContinuousMoveResponse& head__ContinuousMoveResponse);
int __head__Stop(_head__Stop* head__Stop, _head__StopResponse& head__StopResponse);
int __head__GetStatus(_head__GetStatus* head__GetStatus, _head__GetStatusResponse& head__GetStatusResponse);
int __head__GetPresets(_head__GetPresets* head__GetPresets, _head__GetPresetsResponse& head__GetPresetsResponse);
int __head__SetPreset(_head__SetPreset* head__SetPreset, _head__SetPresetResponse& head__SetPresetResponse);
int __head__GotoPreset(_head__GotoPreset* head__GotoPreset, _head__GotoPresetResponse& head__GotoPresetResponse);
int __head__RemovePreset(_head__RemovePreset* head__RemovePreset, _head__RemovePresetResponse& head__RemovePresetResponse);
int __head__GotoHomePosition(_head__GotoHomePosition* head__GotoHomePosition, _head__GotoHomePositionResponse& head__GotoHomePositionResponse);
int __head__SetHomePosition(_head__SetHomePosition* head__SetHomePosition, _head__SetHomePositionResponse& head__SetHomePositionResponse);

// --- What is on its card --------------------------------------------------------------------

class onv__RecordingItem { public: char* RecordingToken; };
class _card__GetRecordings { public: };
class _card__GetRecordingsResponse { public: std::vector<onv__RecordingItem> RecordingItem 0; };
class _play__GetReplayUri { public: onv__StreamSetup StreamSetup; char* RecordingToken; };
class _play__GetReplayUriResponse { public: char* Uri; };

//gsoap card service name: card
//gsoap card service method-style: document
//gsoap card service method-encoding: literal
int __card__GetRecordings(_card__GetRecordings* card__GetRecordings, _card__GetRecordingsResponse& card__GetRecordingsResponse);
//gsoap play service name: play
//gsoap play service method-style: document
//gsoap play service method-encoding: literal
int __play__GetReplayUri(_play__GetReplayUri* play__GetReplayUri, _play__GetReplayUriResponse& play__GetReplayUriResponse);

// --- Events ---------------------------------------------------------------------------------

class onv__SimpleItem { public: @char* Name; @char* Value; };
class onv__ItemList { public: std::vector<onv__SimpleItem> SimpleItem 0; };
class onv__Event {
 public:
  @char* UtcTime;
  @char* PropertyOperation 0;
  onv__ItemList* Source 0;
  onv__ItemList* Data 0;
};
class note__Carried { public: onv__Event* onv__Message; };
class note__TopicText { public: char* __item; @char* Dialect; };
class note__Notified { public: note__TopicText Topic; note__Carried Message; };
class addr__Reference { public: char* Address; };
class evt__Filter { public: char* note__TopicExpression 0; };

class _evt__CreatePullPointSubscription {
 public:
  evt__Filter* Filter 0; xsd__duration* InitialTerminationTime 0;
};
class _evt__CreatePullPointSubscriptionResponse {
 public:
  addr__Reference SubscriptionReference; char* note__CurrentTime; char* note__TerminationTime;
};
class _evt__PullMessages { public: xsd__duration Timeout; int MessageLimit; };
class _evt__PullMessagesResponse {
 public:
  char* CurrentTime; char* TerminationTime;
  std::vector<note__Notified> note__NotificationMessage 0;
};
class _note__Renew { public: xsd__duration* TerminationTime 0; };
class _note__RenewResponse { public: char* TerminationTime; char* CurrentTime; };
class _note__Unsubscribe { public: };
class _note__UnsubscribeResponse { public: };

//gsoap evt service name: events
//gsoap evt service method-style: document
//gsoap evt service method-encoding: literal
int __evt__CreatePullPointSubscription(_evt__CreatePullPointSubscription* evt__CreatePullPointSubscription, _evt__CreatePullPointSubscriptionResponse& evt__CreatePullPointSubscriptionResponse);
int __evt__PullMessages(_evt__PullMessages* evt__PullMessages, _evt__PullMessagesResponse& evt__PullMessagesResponse);
//gsoap note service name: subscription
//gsoap note service method-style: document
//gsoap note service method-encoding: literal
int __note__Renew(_note__Renew* note__Renew, _note__RenewResponse& note__RenewResponse);
int __note__Unsubscribe(_note__Unsubscribe* note__Unsubscribe, _note__UnsubscribeResponse& note__UnsubscribeResponse);
