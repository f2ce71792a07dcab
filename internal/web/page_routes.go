package web

// pageRoutes are the pages made for one reader, and their forms, which go to the
// page that they stand on. They work in the space that the session works in, so
// their addresses name no organization.
var pageRoutes = []route{
	{"GET", "/setup", settingUp, limitAccount, 0, shows((*Server).setupPage)},
	{"POST", "/setup", settingUp, limitSign, bodyForm, takes((*Server).setupPage, forms{"set_up": (*Server).setupForm})},
	{"GET", "/setup/{step}", signedIn, limitAccount, 0, shows((*Server).stepPage)},
	{"POST", "/setup/{step}", signedIn, limitAccount, bodyForm, takes((*Server).stepPage, settingsForms)},
	{"GET", "/instance", signedIn, limitAccount, 0, shows((*Server).instancePage)},
	{"POST", "/instance", signedIn, limitAccount, bodyForm, takes((*Server).instancePage, settingsForms)},

	{"GET", "/signin", anyone, limitAccount, 0, shows((*Server).signInPage)},
	{"POST", "/signin", anyone, limitSign, bodyForm, takes((*Server).signInPage, forms{"sign_in": (*Server).signInForm})},
	{"POST", "/signout", anyone, limitAccount, bodyForm, takes(nowhere, forms{"": (*Server).signOutForm})},
	{"POST", "/switch", signedIn, limitAccount, bodyForm, takes(nowhere, forms{"": (*Server).switchForm})},
	{"GET", "/signup", anyone, limitAccount, 0, shows((*Server).signUpPage)},
	{"POST", "/signup", anyone, limitSign, bodyForm, takes((*Server).signUpPage, forms{"sign_up": (*Server).signUpForm})},
	{"GET", "/verify", anyone, limitAccount, 0, shows((*Server).verifyPage)},
	{"POST", "/verify", anyone, limitSign, bodyForm, takes((*Server).verifyPage, forms{"verify": (*Server).verifyForm})},
	{"GET", "/reset", anyone, limitAccount, 0, shows((*Server).resetPage)},
	{"POST", "/reset", anyone, limitSign, bodyForm, takes((*Server).resetPage, forms{"ask": (*Server).askResetForm, "set": (*Server).resetForm})},
	{"GET", "/email", anyone, limitAccount, 0, shows((*Server).confirmEmailPage)},
	{"POST", "/email", anyone, limitSign, bodyForm, takes((*Server).confirmEmailPage, forms{"confirm": (*Server).confirmEmailForm})},
	{"GET", "/email/undo", anyone, limitAccount, 0, shows((*Server).undoEmailPage)},
	{"POST", "/email/undo", anyone, limitSign, bodyForm, takes((*Server).undoEmailPage, forms{"undo": (*Server).undoEmailForm})},
	{"GET", "/invitation", anyone, limitAccount, 0, shows((*Server).invitationPage)},
	{"POST", "/invitation", anyone, limitSign, bodyForm, takes((*Server).invitationPage, forms{
		"look": (*Server).lookForm, "sign_in": (*Server).invitedSignInForm, "sign_up": (*Server).invitedSignUpForm,
		"sign_out": (*Server).invitedSignOutForm, "accept": (*Server).acceptForm,
	})},

	{"GET", "/secrets", signedIn, limitAccount, 0, shows((*Server).secretsPage)},
	{"POST", "/secrets", signedIn, limitAccount, bodyForm, takes((*Server).secretsPage, forms{"delete": (*Server).deleteForm})},
	{"GET", "/secrets/{id}", signedIn, limitAccount, 0, shows((*Server).receiptPage)},
	{"POST", "/secrets/{id}", signedIn, limitAccount, bodyForm, takes((*Server).receiptPage, forms{
		"shorten": (*Server).shortenForm, "unlock": (*Server).unlockForm, "delete": (*Server).deleteForm,
	})},

	{"GET", "/account", signedIn, limitAccount, 0, shows((*Server).accountPage)},
	{"POST", "/account", signedIn, limitAccount, bodyForm, takes((*Server).accountPage, forms{
		"profile": (*Server).profileForm, "email": (*Server).emailForm, "password": (*Server).passwordForm, "delete": (*Server).deleteAccountForm,
	})},
	{"GET", "/account/sessions", signedIn, limitAccount, 0, shows((*Server).sessionsPage)},
	{"POST", "/account/sessions", signedIn, limitAccount, bodyForm, takes((*Server).sessionsPage, forms{
		"end": (*Server).endSessionForm, "end_others": (*Server).endOthersForm,
	})},
	{"GET", "/account/tokens", signedIn, limitAccount, 0, shows((*Server).tokensPage)},
	{"POST", "/account/tokens", signedIn, limitAccount, bodyForm, takes((*Server).tokensPage, forms{
		"create": (*Server).createTokenForm, "revoke": (*Server).revokeTokenForm,
	})},

	{"GET", "/organization/new", signedIn, limitAccount, 0, shows((*Server).newOrganizationPage)},
	{"POST", "/organization/new", signedIn, limitAccount, bodyForm, takes((*Server).newOrganizationPage, forms{"create": (*Server).createOrganizationForm})},
	{"GET", "/organization", signedIn, limitAccount, 0, shows((*Server).organizationPage)},
	{"POST", "/organization", signedIn, limitAccount, bodyForm, takes((*Server).organizationPage, forms{
		"rename": (*Server).renameForm, "invite": (*Server).inviteForm, "renew": (*Server).renewForm, "revoke": (*Server).revokeForm,
	})},
	{"GET", "/organization/members/{user}", signedIn, limitAccount, 0, shows((*Server).memberPage)},
	{"POST", "/organization/members/{user}", signedIn, limitAccount, bodyForm, takes((*Server).memberPage, forms{
		"role": (*Server).roleForm, "remove": (*Server).removeForm,
	})},
	{"GET", "/organization/policy", signedIn, limitAccount, 0, shows((*Server).policyPage)},
	{"POST", "/organization/policy", signedIn, limitAccount, bodyForm, takes((*Server).policyPage, forms{
		"policy": (*Server).policyForm, "log": (*Server).logForm,
	})},
	{"GET", "/organization/brand", signedIn, limitAccount, 0, shows((*Server).brandPage)},
	{"POST", "/organization/brand", signedIn, limitAccount, bodyLogo, takes((*Server).brandPage, forms{"brand": (*Server).brandForm})},
	{"GET", "/organization/logo", signedIn, limitAccount, 0, (*Server).getLogo},
	{"GET", "/organization/events", signedIn, limitAccount, 0, shows((*Server).eventsPage)},
	{"POST", "/organization/events", signedIn, limitAccount, bodyForm, takes((*Server).eventsPage, forms{
		"csv": (*Server).csvForm, "ndjson": (*Server).ndjsonForm,
	})},
}

// settingsForms change the instance, at once or step by step.
var settingsForms = forms{"general": (*Server).generalForm, "access": (*Server).accessForm, "mail": (*Server).mailForm}
